"""IP addresses in texts: each form with the place where it stands, and what only looks like one."""

from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction.ip_addresses import find


def found(text, **options):
    return [(text[start:end], address) for start, end, address in find(text, **options)]


@pytest.mark.parametrize(
    ("text", "stands", "address"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("from 192.0.2.1.", "192.0.2.1", "192.0.2.1"),
        ("192.0.2.0/24", "192.0.2.0/24", "192.0.2.0"),
        ("192.0.2.1:8080", "192.0.2.1", "192.0.2.1"),
        ("http://192.0.2.1/x", "192.0.2.1", "192.0.2.1"),
        ("host/192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::1"),
        ("[2001:DB8::1]:443", "[2001:DB8::1]", "2001:db8::1"),
        ("ip:2001:db8::1", "2001:db8::1", "2001:db8::1"),
        ("fe80::1%eth0.1", "fe80::1%eth0.1", "fe80::1"),
        ("2001:db8::/32", "2001:db8::/32", "2001:db8::"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ],
)
def test_an_address_is_found_with_all_that_belongs_to_it(text, stands, address):
    assert (stands, IPv6Address(address) if ":" in address else address) in [
        (place, IPv6Address(each) if ":" in each else each) for place, each in found(text)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "v1.2.3.4",
        "version 1.2.3.4",
        "release=1.2.3.4",
        "Chrome/120.0.0.0",
        "1.2.3.4-beta",
        "1.2.3.4-rc.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "lib1.2.3.4",
        "12:30:45",
        "00:1b:44:11:3a:b7",
        "::",
        "Bad::Face",
        "a::b",
        "1::",
        "d41d8cd98f00b204e9800998ecf8427e",
    ],
)
def test_what_looks_like_one_stays(text):
    assert found(text) == []


def test_four_numbers_under_a_key_for_a_version_are_one():
    assert found("1.2.3.4", in_version=True) == []
    assert found("1.2.3.4") == [("1.2.3.4", "1.2.3.4")]
    assert found("from 192.0.2.1", in_version=True) == [("192.0.2.1", "192.0.2.1")]


@given(st.ip_addresses(v=4))
def test_every_address_of_version_4_is_found_in_a_sentence(address: IPv4Address):
    assert found(f"seen at {address}, twice") == [(str(address), str(address))]


@given(st.ip_addresses(v=6).filter(lambda address: not address.exploded.startswith("0000:0000:0000:0000:0000")))
def test_every_address_of_version_6_is_found_written_out(address: IPv6Address):
    assert [each for _, each in found(f"seen at {address.exploded} twice")] == [str(address)]


@given(st.text(st.sampled_from("0123456789abcdef:.%[]/ v"), max_size=60))
def test_no_text_breaks_the_search_and_places_are_in_order(text):
    for version in (":", "."):
        places = [(start, end) for start, end, address in find(text) if (":" in address) == (version == ":")]
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert all(before[1] <= after[0] for before, after in pairwise(places))
