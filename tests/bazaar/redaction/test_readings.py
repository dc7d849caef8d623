"""Readings of a text: encodings undone, and each character with its place in the original."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction.readings import fold, may_be_encoded, readings


def texts(text):
    return [reading.text for reading in readings(text)]


@pytest.mark.parametrize("text", ["", "plain text", "a.b_c-d, 1:2"])
def test_a_plain_text_has_one_reading_which_is_itself(text):
    assert not may_be_encoded(text)
    assert texts(text) == [text]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ann%40example.org", "ann@example.org"),
        ("ann%2540example.org", "ann@example.org"),
        ("ann&#64;example.org", "ann@example.org"),
        ("ann&#x40;example.org", "ann@example.org"),
        ("ann&commat;example.org", "ann@example.org"),
        (r"ann\u0040example.org", "ann@example.org"),
        (r"ann\\u0040example.org", "ann@example.org"),
        (r"ann\x40example.org", "ann@example.org"),
        (r"ann\u{40}example.org", "ann@example.org"),
        ("ann=40example.org", "ann@example.org"),
        ("ann\uff20example\u3002org", "ann@example.org"),
        ("an\u00adn@exam\u200bple.org", "ann@example.org"),
        ("ann@exam<wbr>ple.org", "ann@example.org"),
        ("j%C3%B6rg", "j\u00f6rg"),
        ("j%F6rg", "j\u00f6rg"),
        ("jo\u0308rg", "j\u00f6rg"),
    ],
)
def test_an_encoding_is_undone(text, read):
    assert may_be_encoded(text)
    assert read in texts(text)


def test_an_escape_with_two_meanings_is_read_in_both():
    assert texts(r"\nora") == [r"\nora", "\nora"]


def test_a_place_leads_back_to_the_original():
    [reading] = readings("to ann%40example.org!")
    start = reading.text.index("ann@")

    assert reading.original(start, start + len("ann@example.org")) == "ann%40example.org"
    assert reading.span(start, start + 4) == (3, 9)
    assert reading.is_literal(start)
    assert not reading.is_literal(start + 3)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ANN", "ann"),
        ("\u0130rem", "irem"),
        ("\u0131", "i"),
        ("STRASSE", "strasse"),
        ("Stra\u00dfe", "strasse"),
        ("\uff21", "a"),
    ],
)
def test_letters_are_folded(text, folded):
    assert fold(text) == folded


PIECES = st.text(st.sampled_from("aA\u00e4@%40&#6;\\u0=\u0308\u200b<wbr>"), max_size=40) | st.text(max_size=40)


@given(PIECES)
def test_places_are_in_order_and_within_the_original(text):
    for reading in [each for one in readings(text) for each in (one, one.folded())]:
        assert len(reading.text) == len(reading.starts) == len(reading.ends)
        places = list(zip(reading.starts, reading.ends, strict=True))
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert all(before[0] <= after[0] for before, after in pairwise(places))


@given(PIECES)
def test_there_are_at_most_three_readings_and_none_twice(text):
    found = texts(text)

    assert 1 <= len(found) <= 3
    assert len(set(found)) == len(found)


@given(PIECES)
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)
