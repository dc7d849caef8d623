"""A text without what is personal: the same object where there is nothing, and clean where there was."""

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction.addresses import REMOVED, AddressSet
from bazaar.redaction.texts import clean_text, is_plain_word, may_hold_address


@pytest.mark.parametrize("text", ["", "A plain sentence.", "v1.2.3", "12:30:45"])
def test_a_clean_text_is_the_same_object(text):
    assert clean_text(text) is text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Ask ann@example.org now", f"Ask {REMOVED} now"),
        ("Ann Smith <ann@example.org>", f"{REMOVED} <{REMOVED}>"),
        ("from 192.0.2.1", f"from {REMOVED}"),
        ("ann%40example.org", REMOVED),
        ("a@example.org b@example.org", f"{REMOVED} {REMOVED}"),
    ],
)
def test_what_is_personal_is_replaced(text, cleaned):
    assert clean_text(text) == cleaned


def test_known_addresses_go_although_no_domain_is_like_that():
    known = AddressSet(["ann@localhost"])

    assert clean_text("to ann@localhost", known=known) == f"to {REMOVED}"


def test_a_text_that_was_made_to_resist_goes_as_a_whole():
    text = "@".join("a" for _ in range(3_000))

    assert "a@a" not in clean_text(text) or clean_text(clean_text(text)) == clean_text(text)


@given(st.text(st.sampled_from("an@example.org 192.0.2.1<>%40=+"), max_size=60))
def test_cleaning_twice_is_cleaning_once(text):
    cleaned = clean_text(text)

    assert clean_text(cleaned) is cleaned


@given(st.text(max_size=60))
def test_where_no_address_may_stand_none_is_found(text):
    if not may_hold_address(text):
        assert "@" not in text


@pytest.mark.parametrize(
    ("text", "is_one"), [("art", True), ("a1", True), ("1", False), ("Art", False), ("a b", False), ("\u00e4", False)]
)
def test_a_plain_word_is_of_small_letters_and_digits(text, is_one):
    assert is_plain_word(text) is is_one
