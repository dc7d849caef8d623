"""Find the names of people that stand before their addresses: `Ann Example <ann@example.org>`."""

import re
from collections.abc import Iterable, Iterator

from bazaar.redaction.addresses import Mention
from bazaar.redaction.lexicon.texts import NO_NAME, PARTICLES

_LONGEST = 80
_BREAK = re.compile(r"[,;:<>()\[\]|\n\r\t=]")
_WORD = re.compile(r"[^\s\"']+")
_MOST_WORDS = 6
_FEW = 3


def names_before(text: str, mentions: Iterable[Mention]) -> Iterator[Mention]:
    """Yield the names before addresses that stand in angle brackets."""
    for mention in mentions:
        if text[mention.start - 1 : mention.start] == "<":
            name = _name_before(text, mention.start - 1)
            if name:
                yield Mention(*name, "name")


def _name_before(text: str, bracket: int) -> tuple[int, int] | None:
    first = max(0, bracket - _LONGEST)
    before = text[first:bracket].rstrip()
    if before.endswith(('"', "'")):
        quote = before.rfind(before[-1], 0, -1)
        return (first + quote, first + len(before)) if 0 <= quote < len(before) - 1 else None
    start = max((match.end() for match in _BREAK.finditer(before)), default=0)
    name = _name(list(_WORD.finditer(before, start)))
    return (first + name[0].start(), first + name[-1].end()) if name else None


def _name(found: list[re.Match[str]]) -> list[re.Match[str]]:
    """Return the words at the end that are a name: those with capitals, or all of a few that stand alone."""
    name: list[re.Match[str]] = []
    for match in reversed(found[-_MOST_WORDS:]):
        word = match[0]
        is_particle = bool(name) and word.casefold() in PARTICLES
        if word.casefold().strip(".") in NO_NAME or not word[0].isalpha() or (word[0].islower() and not is_particle):
            break
        name.insert(0, match)
    while name and name[0][0].casefold() in PARTICLES and name[0][0].islower():
        name.pop(0)
    if not name and len(found) <= _FEW and all(_may_be_name(match[0]) for match in found):
        return found
    return name


def _may_be_name(word: str) -> bool:
    return word[0].isalpha() and word.casefold() not in NO_NAME
