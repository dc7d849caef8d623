"""The one recogniser of addresses in texts: for the cleaner of metadata, the erasure and its verification.

- `find_addresses` finds every e-mail and IP address in a text, however it is written (see `readings`).
- `AddressSet` holds the addresses of certain persons, thousands of them at no higher price than one, and finds and
  removes exactly those: `ann@example.org` is no part of `joann@example.org`, `o'ann@example.org`, `f/ann@example.org`
  or `ANN@EXAMPLE.ORG.UK`.
- `CANDIDATE` is a regular expression for databases: it matches every text with an e-mail address, and few others.

Places are those of the original text. The work is linear in the text.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bazaar.redaction import domains, ip_addresses
from bazaar.redaction.emails import LONGEST_NAME, Place, begins, emails, places
from bazaar.redaction.readings import Reading, fold, may_be_encoded, readings

REMOVED = "[removed]"

CANDIDATE = (
    r"[@＠﹫]|commat|ff20|fe6b|([%=x;{]|25|3d|7b|u00|00)40|(#|%23|u0023)0*(64|65312|65131)"
    r"|bc[%=]?(25|3d)*a0|b9[%=]?(25|3d)*ab"
)
"""Matches every text that may hold an e-mail address, without regard to case: PostgreSQL's `~*`, and Python's `re`."""


class Mention(NamedTuple):
    """An address in a text: where it stands, and the address in one form for all spellings (`normalise`)."""

    start: int
    end: int
    address: str


def normalise(address: str) -> str:
    """Return an address in one form: folded, its domain in Unicode, its name without needless quotes.

    Two spellings of one address have the same; that of a text without `@` is the folded text.
    """
    name, at, domain = fold(address.strip()).rpartition("@")
    if name[:1] == name[-1:] == '"' and len(name) > 2:  # noqa: PLR2004 - two quotes and something
        name = Place(Reading(name, f"{name}@", range(0), range(0)), len(name), 0, "").name(0)
    return f"{name}{at}{domains.canonical(domain)}"


def find_addresses(text: str, *, in_version: bool = False) -> list[Mention]:
    """Return every e-mail and IP address in a text, in order; none lies within another.

    `in_version` says that four numbers alone are a version.
    """
    if "@" not in text and not may_be_encoded(text):
        return outermost([Mention(*found) for found in ip_addresses.find(text, in_version=in_version)])
    found: list[Mention] = []
    for reading in readings(text):
        if "@" in reading.text:
            found.extend(Mention(*email) for email in emails(reading))
        found.extend(
            Mention(*reading.span(start, end), address)
            for start, end, address in ip_addresses.find(reading.text, in_version=in_version)
        )
    return outermost(found)


class AddressSet:
    """The e-mail addresses of one or more persons, to be found in texts in every spelling."""

    def __init__(self, addresses: Iterable[str]) -> None:
        names: dict[str, set[str]] = defaultdict(set)
        for address in addresses:
            name, at, domain = normalise(address).rpartition("@")
            if name and at and domain:
                names[domain].add(name)
        self._names = {domain: frozenset(known) for domain, known in names.items()}
        self._longest = {domain: max(map(len, known)) for domain, known in names.items()}

    def __bool__(self) -> bool:
        return bool(self._names)

    def __contains__(self, address: str) -> bool:
        """Tell whether a text is one of the addresses, in any spelling, and nothing else."""
        name, _, domain = normalise(address).rpartition("@")
        return name in self._names.get(domain, ())

    def find(self, text: str) -> list[Mention]:
        """Return where the addresses stand in a text, in order, none within another."""
        return outermost(
            [mention for reading in readings(text) if "@" in reading.text for mention in self._in(reading)]
        )

    def is_in(self, text: str) -> bool:
        return bool(self.find(text))

    def remove(self, text: str) -> str:
        """Return a text with `[removed]` in place of each of the addresses; the same object where there is none."""
        return without(text, self.find(text))

    def _in(self, reading: Reading) -> Iterator[Mention]:
        for place in places(reading):
            for end, domain in self._known_domains(place):
                start = self._start_of_known(place, domain)
                if start is not None:
                    yield Mention(*place.reading.span(start, end), f"{place.name(start)}@{domain}")
                    break

    def _known_domains(self, place: Place) -> Iterator[tuple[int, str]]:
        """Yield the ends of the known domains that the text behind the `@` begins with, the longest first."""
        first = place.at + 1
        if place.text.startswith("[", first):
            end = place.text.find("]", first, first + domains.LONGEST) + 1
            if place.text[first:end] in self._names:
                yield end, place.text[first:end]
            return
        for length, domain in domains.beginnings(place.host):
            if domain in self._names and not domains.goes_on(place.host[length:]):
                yield first + length, domain

    def _start_of_known(self, place: Place, domain: str) -> int | None:
        names = self._names[domain]
        if place.text.startswith('"', place.start):
            return place.start if place.name(place.start) in names else None
        longest = min(self._longest[domain], LONGEST_NAME)
        for start in range(max(0, place.at - longest), place.at):
            if place.text[start : place.at] in names and begins(place, start):
                return start
        return None


def outermost(mentions: Iterable[Mention]) -> list[Mention]:
    """Return mentions in order, without those that overlap one which begins before them, or is longer."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda mention: (mention.start, -mention.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def without(text: str, mentions: Iterable[Mention]) -> str:
    """Return a text with `[removed]` in place of each of the mentions; the same object where there is none."""
    pieces: list[str] = []
    done = 0
    for mention in mentions:
        pieces += text[done : mention.start], REMOVED
        done = mention.end
    return "".join([*pieces, text[done:]]) if pieces else text
