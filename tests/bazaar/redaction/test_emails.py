"""E-mail addresses in a reading: where one begins and ends, and one form for it."""

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction.emails import emails
from bazaar.redaction.readings import readings


def found(text):
    return {(text[email.start : email.end], email.address) for one in readings(text) for email in emails(one)}


@pytest.mark.parametrize(
    ("text", "stands", "address"),
    [
        ("ann@example.org", "ann@example.org", "ann@example.org"),
        ("Ann <Ann@Example.ORG>", "Ann@Example.ORG", "ann@example.org"),
        ("mailto:ann@example.org?x=1", "ann@example.org", "ann@example.org"),
        ("See ann@example.org.", "ann@example.org", "ann@example.org"),
        ("ann@example.org.In it", "ann@example.org", "ann@example.org"),
        ("ann+news@example.org", "ann+news@example.org", "ann+news@example.org"),
        ('"ann smith"@example.org', '"ann smith"@example.org', '"ann smith"@example.org'),
        ('"ann"@example.org', '"ann"@example.org', "ann@example.org"),
        ("ann@[192.0.2.1]", "ann@[192.0.2.1]", "ann@[192.0.2.1]"),
        ("ann@192.0.2.1", "ann@192.0.2.1", "ann@192.0.2.1"),
        ("/users/ann@example.org/edit", "ann@example.org", "ann@example.org"),
        ("ann%40example.org", "ann%40example.org", "ann@example.org"),
        ("ann@xn--exmple-cua.org", "ann@xn--exmple-cua.org", "ann@ex\u00e4mple.org"),
    ],
)
def test_an_address_is_found_with_its_place_and_its_form(text, stands, address):
    assert (stands, address) in found(text)


@pytest.mark.parametrize(
    "text", ["", "@", "ann@", "@example.org", "a @ b.org", "npm install @scope/pkg@1.2.3", "me@photo.png"]
)
def test_what_is_no_address_is_not_found(text):
    assert found(text) == set()


@given(st.text(st.sampled_from('ann@example.org "<>[]()/%40+=.1'), max_size=60))
def test_an_address_has_one_at_between_name_and_domain_and_lies_in_the_text(text):
    for one in readings(text):
        for email in emails(one):
            name, at, domain = email.address.rpartition("@")
            assert name
            assert at
            assert domain
            assert 0 <= email.start < email.end <= len(text)
