"""Names before addresses: which words are one, and which are a sentence."""

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction.addresses import find_addresses
from bazaar.redaction.names import names_before


def names(text):
    return [text[name.start : name.end] for name in names_before(text, find_addresses(text))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ann Smith <ann@example.org>", "Ann Smith"),
        ('"Smith, Ann" <ann@example.org>', '"Smith, Ann"'),
        ("To: Ann Smith <ann@example.org>", "Ann Smith"),
        ("Ludwig van Beethoven <lvb@example.org>", "Ludwig van Beethoven"),
        ("ann <ann@example.org>", "ann"),
        ("Ben <ben@example.org>, Ann Smith <ann@example.org>", "Ann Smith"),
    ],
)
def test_a_name_before_an_address_is_found(text, name):
    assert name in names(text)


@pytest.mark.parametrize(
    "text", ["<ann@example.org>", "ann@example.org", "Ann Smith ann@example.org", "1. <ann@example.org>", ""]
)
def test_without_brackets_or_words_there_is_no_name(text):
    assert names(text) == []


@given(st.text(max_size=30))
def test_a_name_lies_before_its_address(before):
    text = f"{before}<ann@example.org>"

    for name in names_before(text, find_addresses(text)):
        assert 0 <= name.start < name.end <= text.rindex("<")
