"""Domains: one form for all spellings, and where one ends."""

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction.domains import canonical, canonical_label, host_end, is_top_level


@pytest.mark.parametrize(
    ("domain", "form"),
    [
        ("Example.ORG", "example.org"),
        ("example.org.", "example.org"),
        ("xn--jrg-sna.example.org", "j\u00f6rg.example.org"),
        ("J\u00d6RG.example.org", "j\u00f6rg.example.org"),
        ("xn--\u00e4.org", "xn--\u00e4.org"),
    ],
)
def test_a_domain_has_one_form(domain, form):
    assert canonical(domain) == form


def test_a_label_that_no_domain_may_have_stays():
    long = f"xn--{'a' * 70}"

    assert canonical_label(long) == long


@pytest.mark.parametrize(
    ("host", "end"),
    [
        ("example.org", "example.org"),
        ("mail.example.co.uk", "mail.example.co.uk"),
        ("example.org.and", "example.org"),
        ("example.org1", "example.org"),
        ("server.internal", "server.internal"),
        ("xn--fsqu00a.xn--0zwm56d", "xn--fsqu00a.xn--0zwm56d"),
    ],
)
def test_a_domain_ends_with_its_top_level(host, end):
    labels = host.split(".")
    number, length = host_end(labels)

    assert ".".join([*labels[: number - 1], labels[number - 1][:length]]) == end


@pytest.mark.parametrize("host", ["example", "1.2.3", "v1.2.3", "1.2.3-beta.org", "photo.png", ""])
def test_what_is_no_domain_has_no_end(host):
    assert host_end(host.split(".")) == (0, 0)


@pytest.mark.parametrize(("label", "is_one"), [("org", True), ("uk", True), ("", False), ("nonsense-x", False)])
def test_a_top_level_is_one_of_the_world_or_of_an_internal_network(label, is_one):
    assert is_top_level(label) is is_one


@given(st.text(max_size=30))
def test_the_form_of_a_form_is_itself(domain):
    assert canonical(canonical(domain)) == canonical(domain)


@given(st.lists(st.text(max_size=10), min_size=1, max_size=6))
def test_an_end_lies_within_the_host(labels):
    number, length = host_end(labels)

    assert 0 <= number <= len(labels)
    assert length <= len(labels[number - 1])
