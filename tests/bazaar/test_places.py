"""Where a request comes from, in all the forms in which proxies write it."""

import pytest
from hypothesis import given, strategies as st

from bazaar.places import ip_address_of, place_of, read_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("203.0.113.5:50123", "203.0.113.5"),
        (" 203.0.113.5 ", "203.0.113.5"),
        ('"203.0.113.5:50123"', "203.0.113.5"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ('"[2001:db8::1]:443"', "2001:db8::1"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("[::ffff:203.0.113.5]:443", "203.0.113.5"),
        ("::ffff:cb00:7105", "203.0.113.5"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:443", "fe80::1"),
        *(
            (text, None)
            for text in ("", "unknown", "_hidden", "203.0.113", "203.0.113.999", "[203.0.113.5", ":", "[]:1")
        ),
        *(
            (text, None)
            for text in ("2001:db8::g", "203.0.113.5:x", "1" * 9_999, "٢٠٣.٠.١١٣.٥", "\x00", "a@example.org")
        ),
    ],
)
def test_an_address_is_read_in_every_form(text, address):
    assert read_address(text) == address


@given(st.text(max_size=60))
def test_no_text_is_an_error(text):
    assert place_of(read_address(text)) is not None


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        (None, ""),
    ],
)
def test_a_place_is_an_address_or_a_network(address, place):
    assert place_of(address) == place


@pytest.mark.parametrize(
    ("forwarded", "remote", "address"),
    [
        ("203.0.113.5, 198.51.100.2", "10.0.0.1", "198.51.100.2"),
        ("198.51.100.2, ", "10.0.0.1", "198.51.100.2"),
        ("evil, 198.51.100.2:50123", "10.0.0.1", "198.51.100.2"),
        ("", "10.0.0.1", "10.0.0.1"),
        ("198.51.100.2, nonsense", "10.0.0.1", None),
    ],
)
def test_behind_our_own_proxy_the_last_part_counts(rf, settings, forwarded, remote, address):
    request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=remote)

    settings.SECURE_PROXY = True
    assert ip_address_of(request) == address
    settings.SECURE_PROXY = False
    assert ip_address_of(request) == remote
