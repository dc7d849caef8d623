r"""Read a text as a program would that undoes its encodings, and keep where each character stands in the original.

Undone are percent-encoding (also of itself), HTML entities, backslash escapes of JSON and its like, quoted-printable,
compatibility forms (Unicode NFKC) and invisible characters; `folded` undoes case as well. An escape can be read in two
ways: `\nora` is a line break before `ora`, or a backslash before `nora`, and `x=20ann` is quoted-printable, or a
parameter; in `mail=42anna=40example.org` only the second escape is one, because no program encodes digits and letters
alone. So there are up to three readings of a text. The work is linear in the text: each reading takes a fixed number
of passes.
"""

import html
import re
import sys
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

PASSES = 5
"""How many encodings around one another are undone: JSON in JSON that holds what is percent-encoded twice has four."""

LONGEST_CLUSTER = 30
"""Marks on one letter that are composed with it: the stream-safe text format of Unicode allows no more."""

Part = tuple[str, int, int]
"""What stands for the characters between two places."""

_MAY_BE_ENCODED = re.compile(r"[^\x00-\x7f]|%[0-9A-Fa-fu]|&[#A-Za-z]|\\|=[0-9A-F\r\n]|<[wW]")
_ESCAPE = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)|%u(?P<percent_u>[0-9A-Fa-f]{4})"
    r"|&(?P<entity>#0{0,32}[0-9]{1,8};?|#[xX]0{0,32}[0-9A-Fa-f]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)"
    r"|\\(?:(?:u|U(?:0{4})?)(?P<u>[0-9A-Fa-f]{4})|u\{0{0,4}(?P<brace>[0-9A-Fa-f]{1,6})\}"
    r"|[xX](?P<x>[0-9A-Fa-f]{2})|(?P<mark>[\"'/\\]))"
    r"|<[wW][bB][rR] ?/?>"
)
_AMBIGUOUS = re.compile(
    rf"\\(?P<letter>[nrtbfv0])|=\r?\n"
    rf"|(?P<quoted>(?:=(?:[0-9][0-9A-F]|[A-F][0-9A-F])(?!(?<==40)[\w.+-]*@))+)|{_ESCAPE.pattern}"
)
_QUOTED_LETTER = re.compile(r"=(?:3[0-9]|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A])")
_QUOTED_RUN = re.compile(rf"(?P<letters>(?:{_QUOTED_LETTER.pattern})+)|(?:(?!{_QUOTED_LETTER.pattern})=..)+")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e0fff]+"
)
_NOT_COMPATIBLE = re.compile(rf"{_INVISIBLE.pattern}|\u3002")
_ANY_CASE = re.compile(r"[A-Z]|[^\x00-\x7f]\u0307?|i\u0307")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text without its encodings; `starts` and `ends` tell for each character what it stands for in `source`."""

    source: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where the characters from `start` to `end` stand in the source."""
        return self.starts[start], self.ends[end - 1]

    def is_literal(self, place: int) -> bool:
        """Tell whether the character at `place` stands in the source as itself, and not as an escape."""
        return self.ends[place] - self.starts[place] == 1

    def original(self, start: int, end: int) -> str:
        """Return what stands in the source for the characters from `start` to `end`."""
        return self.source[self.starts[start] : self.ends[end - 1]] if start < end else ""

    def cased(self) -> str:
        """Return the letters of the source for each character; a zero where one does not stand for itself."""
        places = zip(self.starts, self.ends, strict=True)
        return "".join(self.source[start] if end - start == 1 else "\0" for start, end in places)

    def folded(self) -> "Reading":
        """Return the reading in lower case, as `fold` does it."""
        if self.text.isascii():
            return Reading(self.source, self.text.lower(), self.starts, self.ends)
        if _casefold(self.text) == self.text:
            return self
        lower = _replaced(self, _ANY_CASE, lambda match: [(_casefold(match[0]), *match.span())])
        return _in_compatible_form(lower)


def may_be_encoded(text: str) -> bool:
    """Tell whether there is anything in a text that a reading of it undoes; a no is certain."""
    if text.isascii() and not ("%" in text or "&" in text or "\\" in text or "=" in text or "<" in text):
        return False
    return _MAY_BE_ENCODED.search(text) is not None


def readings(text: str) -> Iterable[Reading]:
    """Yield the readings of a text: without what is ambiguous, with it, and with it except for letters and digits."""
    plain = Reading(text, text, range(len(text)), range(1, len(text) + 1))
    if not may_be_encoded(text):
        yield plain
        return
    careful = _decoded(plain, _ESCAPE, _undo)
    yield careful
    if _AMBIGUOUS.search(careful.text):
        thorough = _decoded(plain, _AMBIGUOUS, _undo_all)
        if thorough.text != careful.text:
            yield thorough
        if _QUOTED_LETTER.search(text):
            sparse = _decoded(plain, _AMBIGUOUS, _undo_sparsely)
            if sparse.text not in (careful.text, thorough.text):
                yield sparse


def fold(text: str) -> str:
    """Return a text as its readings have it: compatibility forms, letters in lower case, nothing invisible."""
    folded = _casefold(_compatible(text))
    return folded if folded.isascii() else unicodedata.normalize("NFKC", folded)


def _decoded(reading: Reading, pattern: re.Pattern[str], undo: Callable[[re.Match[str]], Iterable[Part]]) -> Reading:
    for _ in range(PASSES):
        before = reading.text
        reading = _replaced(_in_compatible_form(reading), pattern, undo)
        if reading.text == before:
            break
    return _in_compatible_form(reading)


def _replaced(reading: Reading, pattern: re.Pattern[str], parts: Callable[[re.Match[str]], Iterable[Part]]) -> Reading:
    """Return a reading in which the matches of `pattern` are replaced by the `parts` of each."""
    text, starts, ends = reading.text, reading.starts, reading.ends
    pieces: list[str] = []
    new_starts, new_ends = array("q"), array("q")
    done = 0
    for match in pattern.finditer(text):
        pieces.append(text[done : match.start()])
        new_starts.extend(starts[done : match.start()])
        new_ends.extend(ends[done : match.start()])
        for part, start, end in parts(match):
            pieces.append(part)
            new_starts.extend([starts[start]] * len(part))
            new_ends.extend([ends[end - 1]] * len(part))
        done = match.end()
    if not done:
        return reading
    pieces.append(text[done:])
    new_starts.extend(starts[done:])
    new_ends.extend(ends[done:])
    return Reading(reading.source, "".join(pieces), new_starts, new_ends)


def _undo(match: re.Match[str]) -> Iterable[Part]:
    """Yield what an escape stands for; nothing for one that is invisible."""
    start, end = match.span()
    if encoded := match["percent"]:
        return _from_bytes(bytes.fromhex(encoded.replace("%", "")), start)
    if entity := match["entity"]:
        return [(_from_entity(f"&{entity}"), start, end)]
    if match["mark"]:
        return [(match["mark"], start, end)]
    digits = match["u"] or match["x"] or match["brace"] or match["percent_u"]
    return [(_character(int(digits, 16)), start, end)] if digits else []


def _undo_all(match: re.Match[str]) -> Iterable[Part]:
    if letter := match["letter"]:
        return [(_LETTERS[letter], *match.span())]
    if encoded := match["quoted"]:
        return _from_bytes(bytes.fromhex(encoded.replace("=", "")), match.start())
    return _undo(match)


def _undo_sparsely(match: re.Match[str]) -> Iterable[Part]:
    """Yield what `_undo_all` does, but leave quoted-printable letters and digits as they are."""
    if not match["quoted"]:
        yield from _undo_all(match)
        return
    for run in _QUOTED_RUN.finditer(match["quoted"]):
        start = match.start() + run.start()
        if run["letters"]:
            yield from ((character, start + place, start + place + 1) for place, character in enumerate(run[0]))
        else:
            yield from _from_bytes(bytes.fromhex(run[0].replace("=", "")), start)


def _from_bytes(encoded: bytes, start: int) -> Iterable[Part]:
    """Yield the characters of UTF-8; bytes that are none of it are of Latin-1. Three characters stand for a byte."""
    place = 0
    while place < len(encoded):
        length = _length_in_utf8(encoded[place])
        try:
            character = encoded[place : place + length].decode()
        except UnicodeDecodeError:
            length, character = 1, chr(encoded[place])
        yield character, start + 3 * place, start + 3 * (place + length)
        place += length


def _length_in_utf8(first: int) -> int:
    return 1 + (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)  # noqa: PLR2004 - the ranges of UTF-8


def _from_entity(entity: str) -> str:
    plain = html.unescape(entity)
    return entity if len(plain) > 2 else plain  # noqa: PLR2004 - no entity stands for more than two characters


def _character(code: int) -> str:
    return chr(code) if code <= sys.maxunicode else ""


def _in_compatible_form(reading: Reading) -> Reading:
    if unicodedata.is_normalized("NFKC", reading.text) and not _NOT_COMPATIBLE.search(reading.text):
        return reading
    return _replaced(reading, _clusters(), lambda match: [(_compatible(match[0]), *match.span())])


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).replace("\u3002", ".")


def _casefold(text: str) -> str:
    """Return a text in lower case; the Turkish letters, which are not the same in every program, are `i`."""
    return text.casefold().replace("i\u0307", "i").replace("ı", "i")


@cache
def _clusters() -> re.Pattern[str]:
    """Return a pattern for what composes to one letter: a letter with its marks, or the parts of a Hangul syllable."""
    marks = "".join(_ranges(code for code in range(0x300, 0x20000) if unicodedata.category(chr(code))[0] == "M"))
    ignored = _INVISIBLE.pattern[:-1]
    hangul = "[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?"
    marked = f"{hangul}|[^{marks}]{ignored}{{0,{LONGEST_CLUSTER}}}[{marks}\uff9e\uff9f]{{1,{LONGEST_CLUSTER}}}"
    return re.compile(rf"{marked}|[^\x00-\x7f]", re.DOTALL)


def _ranges(codes: Iterable[int]) -> Iterable[str]:
    first = last = -1
    for code in codes:
        if code != last + 1:
            if first >= 0:
                yield f"{chr(first)}-{chr(last)}"
            first = code
        last = code
    if first >= 0:
        yield f"{chr(first)}-{chr(last)}"
