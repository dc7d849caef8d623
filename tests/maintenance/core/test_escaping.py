import unicodedata

import pytest
from hypothesis import given, strategies as st

from maintenance.core.escaping import printable

DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("\x9b31m\x7f", r"\x9b31m\x7f"),
        ("user\u202egnp.exe\u2066\u2069\u200f\u061c", r"user\u202egnp.exe\u2066\u2069\u200f\u061c"),
        ("line\u2028paragraph\u2029\x85", r"line\u2028paragraph\u2029\x85"),
        ("\ud800", r"\ud800"),
    ],
)
def test_unsafe_characters_are_escaped(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_ordinary_text_stays() -> None:
    text = "Zoë, 東京, \N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}, مي\u200cخواهم, \\n, 3 × 5"
    assert printable(text) == text


@given(st.text(st.characters()))
def test_the_result_is_one_line_that_every_encoder_takes(text: str) -> None:
    printed = printable(text)
    printed.encode()
    assert len(printed.splitlines()) <= 1
    assert not [character for character in printed if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}]

    assert not [character for character in printed if unicodedata.bidirectional(character) in DIRECTIONS]


@given(st.text(st.characters()))
def test_it_is_the_same_when_done_twice(text: str) -> None:
    assert printable(printable(text)) == printable(text)
