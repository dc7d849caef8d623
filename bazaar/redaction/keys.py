"""Tell from a key what its value holds."""

import re
import unicodedata
from collections.abc import Sequence
from enum import IntFlag, auto
from functools import lru_cache

from bazaar.redaction import lexicon as w
from bazaar.redaction.texts import clean_text

_SEPARATORS = re.compile(r"[\W\d_]+")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_IP_VERSION = re.compile(r"(?i:ipv[46])(?![a-z])")
_PLURALS = re.compile(r"(?<![A-Z])(?:ID|IP|UID|UUID|GUID|PK)(?=s(?![a-z]))")
_KNOWN = (
    w.ALWAYS
    | w.LAST
    | w.PERSON
    | w.PEOPLE
    | w.ROLE_OF_PERSON
    | w.IDS
    | w.DONE
    | w.NAME_OF_PEOPLE
    | w.RUN_TOGETHER
    | {word for phrase in w.PHRASES for word in phrase}
)
_HAS_NAME = w.PERSON | w.PEOPLE | w.ROLE_OF_PERSON | w.NAME_OF_PEOPLE
_LONGEST = 40  # letters; nobody runs more than that together, and taking a word to pieces takes time


class Fact(IntFlag):
    """What a key tells about the value under it, or about its siblings; nothing is 0."""

    PERSONAL = auto()  # about a person: it goes, whatever it is
    PERSON = auto()  # a person: a text or a number goes, an object stays without the person's own id
    PEOPLE = auto()  # several; a number is how many of them
    OWN_ID = auto()  # personal where it stands in an object under a key for a person
    VERSION = auto()  # four numbers under it are a version
    FIELD = auto()  # the value is the key of a datum that stands in a sibling
    CHANGE = auto()  # such a sibling
    ADDRESS = auto()  # the key itself is, or contains, an address


# As plain numbers: a flag's operators cost as much as cleaning a small document.
PERSONAL = int(Fact.PERSONAL)
PERSON = int(Fact.PERSON)
PEOPLE = int(Fact.PEOPLE)
OWN_ID = int(Fact.OWN_ID)
VERSION = int(Fact.VERSION)
FIELD = int(Fact.FIELD)
CHANGE = int(Fact.CHANGE)
ADDRESS = int(Fact.ADDRESS)


def is_personal_key(key: str) -> bool:
    """Tell whether a key goes with its value, whatever the value is: `email`, `phoneNumber`, `user_id`."""
    return bool(facts_of(key) & PERSONAL)


@lru_cache(maxsize=8192)
def facts_of(key: str) -> int:
    """Return all facts about a key, as the sum of their numbers; `bazaar.redaction.lexicon` has the lists."""
    parts = words(key)
    joined = "".join(parts)
    facts = _whose(parts)
    for fact, applies in (
        (OWN_ID, joined in w.OWN_IDS),
        (VERSION, not w.VERSION.isdisjoint(parts)),
        (FIELD, joined in w.FIELD),
        (CHANGE, joined in w.CHANGE),
        (ADDRESS, clean_text(key) is not key),
    ):
        facts |= fact * applies
    return facts


def _whose(parts: Sequence[str]) -> int:
    if not parts or parts[-1] in w.ABOUT_LAST or (len(parts) > 1 and parts[0] in w.ABOUT_FIRST):
        return 0
    if _has_personal_word(parts) or _identifies(parts) or _is_name_of_person(parts):
        return PERSONAL
    if set(parts[:-1]) <= w.BESIDE | w.PERSON | w.PEOPLE:
        return PERSON * (parts[-1] in w.PERSON) + PEOPLE * (parts[-1] in w.PEOPLE)
    return 0


def words(key: str) -> tuple[str, ...]:
    """Split a key at separators, digits and humps, and words run together into the words that they are made of.

    `userIPAddress`, `USER-IP-ADDRESS` and `user.ip_address` are ("user", "ip", "address"), and so is `useripaddress`.
    `filename` stays one word: `file` is none of the words that matter.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", key) if not unicodedata.combining(c))
    plain = _PLURALS.sub(lambda match: f"_{match[0].title()}", _IP_VERSION.sub("_ip_", plain))
    found: list[str] = []
    for part in _SEPARATORS.split(plain):
        for word in _HUMPS.split(part):
            if word:
                found.extend(_taken_apart(word.casefold()))
    return tuple(found)


def _taken_apart(word: str) -> Sequence[str]:
    """Split a word into known ones, the fewest that will do; a word that is known or cannot be split stays whole."""
    if word in _KNOWN or len(word) > _LONGEST:
        return (word,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            before = best[start]
            if before is None or word[start:end] not in _KNOWN:
                continue
            here = best[end]
            if here is None or len(before) + 1 < len(here):
                best[end] = (*before, word[start:end])
    return best[-1] or (word,)


def _has_personal_word(parts: Sequence[str]) -> bool:
    if parts[-1] in w.LAST or not w.ALWAYS.isdisjoint(parts):
        return True
    if any(tuple(parts[at : at + len(phrase)]) == phrase for phrase in w.PHRASES for at in range(len(parts))):
        return True
    return any(part in w.ADDRESS and (at == 0 or parts[at - 1] not in w.NOT_OF_PEOPLE) for at, part in enumerate(parts))


def _identifies(parts: Sequence[str]) -> bool:
    """Tell whether the words end in the identifier of a person: `user id`, `user public id`, `invited by`."""
    rest = list(parts)
    while rest and rest[-1] in w.IDS | {"public"}:
        rest.pop()
    if len(rest) >= 2 and rest[-1] == "by" and rest[-2] in w.DONE:  # noqa: PLR2004 - a verb and `by`
        return True
    return bool(rest) and parts[-1] in w.IDS and rest[-1] in w.PERSON | w.PEOPLE | w.ROLE_OF_PERSON


def _is_name_of_person(parts: Sequence[str]) -> bool:
    for at, part in enumerate(parts):
        if part not in w.NAME:
            continue
        before = [word for word in parts[:at] if word not in w.BESIDE]
        after = [word for word in parts[at + 1 :] if word not in w.BESIDE]
        if after[:1] == ["of"]:
            before, after = after[1:], []
        if set(after) <= w.NAME_OF_PEOPLE and (not before or before[-1] in _HAS_NAME):
            return True
    return False
