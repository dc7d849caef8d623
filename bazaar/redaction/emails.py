"""Find e-mail addresses in a reading of a text.

At each `@` the longest text before it that can be the name of a mailbox is taken, and the longest domain behind it.
Nobody writes the rarer characters of a name outside of quotes, so that most of them end it. The work is linear: what
stands between two `@` is looked at twice at most.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bazaar.redaction import domains
from bazaar.redaction.domains import SPACELESS
from bazaar.redaction.lexicon.texts import PATHS
from bazaar.redaction.readings import Reading

LONGEST_NAME = 256
_LONGEST_QUOTED = 66
_END = r"\s@<>()\[\]{},;:\"`|\\=&?“”„«»‘、，：；！？（）…–—"
_NAME_BACKWARDS = re.compile(rf"[^{_END}]+")
_HOST = re.compile(r"[^\W_](?:[\w.-]|[^\x00-\x7f\s“”„«»‘’、，：；！？（）…–—])*|_[\w.-]+")
_LITERAL = re.compile(r"\[(?:ipv6:)?[0-9a-f:.]{2,45}\]|\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)")
_QUOTED = re.compile(r"\"[^\"\s@]{1,64}(?: [^\"\s@]{1,64}){0,4}\"")
_NEEDS_QUOTES = re.compile(r"[\s@<>()\[\],;:\\\"]")
_LITERAL_PREFIX = re.compile(r"(?:^|[^\w'’])(?:[befnru]|br|rb)'\Z")
"""How a literal of Python or SQL begins: `b'ann@example.org'`."""
_JOINED_BY = ".+_-'’!#$^~%/"


class Email(NamedTuple):
    """An e-mail address in a text: where it stands in the original, and the address in one form for all spellings."""

    start: int
    end: int
    address: str


@dataclass(frozen=True, slots=True)
class Place:
    """What stands around one `@` of a reading: the name before it begins at `start`, the host behind it is `host`."""

    reading: Reading
    at: int
    start: int
    host: str

    @property
    def text(self) -> str:
        return self.reading.text

    @property
    def is_percent_encoded(self) -> bool:
        """Whether the `@` is; then a `+` that is not encoded stands for a space."""
        return self.reading.original(self.at, self.at + 1).startswith("%")

    def name(self, start: int) -> str:
        """Return the name from `start`, without the quotes that it does not need."""
        name = self.text[start : self.at]
        inner = name[1:-1]
        return inner if name.startswith('"') and not _NEEDS_QUOTES.search(inner) else name


def places(reading: Reading) -> Iterator[Place]:
    """Yield every place in a reading where an address might be."""
    folded = reading.folded()
    text = folded.text
    cased = reading.text if len(reading.text) == len(text) else folded.cased()
    at = text.find("@")
    while at >= 0:
        start = _start_of_name(text, at)
        if start < at:
            host = _HOST.match(text, at + 1, at + 1 + domains.LONGEST)
            yield Place(folded, at, start, _before_sentence(host, cased) if host else "")
        at = text.find("@", at + 1)


def emails(reading: Reading) -> Iterator[Email]:
    """Yield the addresses of a reading, one for each `@` that has one."""
    for place in places(reading):
        start, end = _start(place), _end(place)
        if end and start < place.at:
            labels = list(map(domains.canonical_label, place.text[place.at + 1 : end].split(".")))
            yield Email(*place.reading.span(start, end), f"{place.name(start)}@{'.'.join(labels)}")


def _start_of_name(text: str, at: int) -> int:
    """Return where the longest name before an `@` begins; its own place where there is none."""
    if text[at - 1 : at] == '"':
        quote = text.rfind('"', max(0, at - _LONGEST_QUOTED), at - 1)
        return quote if quote >= 0 and _QUOTED.fullmatch(text, quote, at) else at
    begin = max(0, at - LONGEST_NAME, text.rfind("@", max(0, at - LONGEST_NAME), at))
    name = _NAME_BACKWARDS.match(text[begin:at][::-1])
    return at - name.end() if name else at


def _end(place: Place) -> int:
    """Return where the address at `place` ends; 0 where there is none."""
    literal = _LITERAL.match(place.text, place.at + 1)
    if literal:
        return literal.end()
    if not place.host:
        return 0
    labels = place.host.split(".")
    number, length = domains.host_end(labels)
    if not number:
        return 0
    return place.at + 1 + len(".".join([*labels[: number - 1], labels[number - 1][:length]]))


def _start(place: Place) -> int:
    """Return where the longest name before the `@` begins, which is not in the middle of a path."""
    start = place.start
    for slash in range(place.at - 1, start, -1):
        if place.text[slash] == "/" and ends_path(place, slash):
            start = slash + 1
            break
    start = max(start, place.text.rfind("..", start, place.at) + 1)
    while start < place.at and place.text[start] in "'’*/!.":
        start += 1
    return start


def begins(place: Place, start: int) -> bool:
    """Tell whether a name can begin at `start`, where it is not the end of somebody else's longer name."""
    text = place.text
    if start <= 0 or (SPACELESS.match(text[start - 1]) and not SPACELESS.match(text[start])):
        return True
    before = text[start - 1]
    if before.isalnum() or unicodedata.category(before)[0] == "M":
        return False
    if before not in _JOINED_BY or start < 2 or not text[start - 2].isalnum():  # noqa: PLR2004 - two characters before
        return True
    if before == "/":
        return ends_path(place, start - 1)
    if before == "'" and _LITERAL_PREFIX.search(text, max(0, start - 4), start):
        return text.startswith("'", place.at + 1 + len(place.host))
    return before == "+" and place.reading.is_literal(start - 1) and place.is_percent_encoded


def ends_path(place: Place, slash: int) -> bool:
    """Tell whether a slash in a name is one of a path: `/users/ann@example.org`, but not `f/ann@example.org`."""
    text = place.text
    before = text[place.start : slash]
    if before == "" or "/" in before or before in PATHS or not before[-1].isalnum():
        return True
    if text[place.start - 1 : place.start] == "@":  # `ben@example.org/ann@example.org`
        return True
    return text[place.at + 1 + len(place.host) :][:1] == "/"


def _before_sentence(host: re.Match[str], cased: str) -> str:
    """Return a host without the sentence that begins behind its dot, as in `ann@example.org.In it`."""
    text = host[0].rstrip(".-_")
    dot = text.find(".")
    while dot > 0:
        label = text[:dot].rpartition(".")[2]
        at = host.start() + dot
        before, behind = cased[at - len(label) : at], cased[at + 1 : at + 3]
        begins_word = behind.istitle() and not before.istitle() and "\0" not in before + behind
        if begins_word and domains.is_top_level(label):
            return text[:dot]
        dot = text.find(".", dot + 1)
    return text
