"""Tell from a key what its value holds."""

import re
from collections.abc import Sequence
from functools import lru_cache, reduce
from itertools import pairwise
from operator import or_

from bazaar.redaction.lexicon import data, persons, structures
from bazaar.redaction.texts import clean_text
from bazaar.redaction.words import own_words, words

_HAS_NAME = (
    persons.PERSON
    | persons.PEOPLE
    | persons.ROLE_OF_PERSON
    | persons.NAME_OF_PEOPLE
    | persons.NAMED
    | persons.PERSON_ALONE
)
_REFERENCE = persons.IDS | persons.REFERENCES
_SOMEBODY = persons.PERSON | persons.PEOPLE | persons.ROLE_OF_PERSON
_SAYS_NOTHING = persons.BESIDE | _SOMEBODY | {"from", "to", "for", "on", "project", "hiring", "line"}
_PHRASES_BY_FIRST = {first: [phrase for phrase in data.PHRASES if phrase[0] == first] for first, *_ in data.PHRASES}
_LONGEST_FIELD = 100  # characters; a longer text is not the name of a field
_FIELD = re.compile(r"\D*+(?:\d{1,4}+\D*+){0,2}+")  # with more digits it is no name of a field
_NUMBER = re.compile(r"\d+")
_REMOVED_KEY = re.compile(r"\[removed(?:-\d+)?\]")


# What a key tells about the value under it, or about its siblings; nothing is 0. Plain numbers: the operators of a flag
# cost as much as cleaning a small document.
PERSONAL = 1 << 0  # about a person: it goes, whatever it is
PERSON = 1 << 1  # a person: a text or a number goes, an object stays without what identifies the person
PEOPLE = 1 << 2  # several; a number is how many of them
OWN_PART = 1 << 3  # personal where it stands in an object under a key for a person
VERSION = 1 << 4  # four numbers under it are a version
FIELD = 1 << 5  # the value is the key of a datum that stands in a sibling
FIELD_ALONE = 1 << 6  # so it is where that datum is personal by itself
CHANGE = 1 << 7  # such a sibling
ABOUT_PAIR = 1 << 8  # a sibling that only says something about the datum
ADDRESS = 1 << 9  # the key itself is, or contains, an address
NAME = 1 << 10  # a name, and nothing says whose
THING = 1 << 11  # a thing that may have a name
ABOUT = 1 << 12  # an object under it is about a person, although a text is none
COLUMNS = 1 << 13  # the names of a table's columns
ROWS = 1 << 14  # the rows of a table
FLAT = 1 << 15  # a list in which names and values take turns
NAMES_ALL = 1 << 16  # a FIELD_ALONE beside which everything goes that can hold the datum
KIND = 1 << 17  # what the object is
KIND_OF = 1 << 18  # what the thing is whose name comes before: `item_type`
WRAPPER = 1 << 19  # a container under it holds what the key above says
TABLE = 1 << 20  # a list of rows, of which the first may hold the names of the columns
OF_THING = 1 << 21  # what only a thing has beside its name
MAIL = 1 << 22  # who sends or receives, in a list of headers
BY_PERSON = 1 << 23  # the keys of an object under it are persons: `votes_by_user`


def is_personal_key(key: str) -> bool:
    """Tell whether a key goes with its value, whatever the value is: `email`, `phoneNumber`, `user_id`."""
    return bool(facts_of(key) & PERSONAL)


@lru_cache(maxsize=8192)
def facts_of(key: str) -> int:
    """Return all facts about a key, as the sum of their numbers; `bazaar.redaction.lexicon` has the lists."""
    if _REMOVED_KEY.fullmatch(key):
        return ABOUT_PAIR
    parts = words(key)
    joined = "".join(parts)
    facts = _whose(parts, key)
    last = parts[-1] if parts else ""
    for fact, applies in (
        (OWN_PART, bool(parts) and persons.OWN_PARTS.issuperset(parts)),
        (VERSION, not data.VERSION.isdisjoint(parts)),
        (FIELD, _names_field(parts)),
        (FIELD_ALONE, joined in structures.FIELD_ALONE or _is_label(parts)),
        (CHANGE, joined in structures.CHANGE or last in {"value", "values"}),
        (ABOUT_PAIR, last in structures.ABOUT_PAIR or last in persons.IDS or last in data.ABOUT_LAST),
        (ADDRESS, clean_text(key) is not key),
        (
            NAME,
            bool(facts & PERSONAL)
            and persons.NAME.intersection(parts) != set()
            and (persons.NAME | persons.BESIDE).issuperset(parts),
        ),
        (
            THING,
            last in persons.THING
            or last.removesuffix("s") in persons.THING
            or last.removesuffix("ies") + "y" in persons.THING,
        ),
        (COLUMNS, joined in structures.TABLE_COLUMNS),
        (ROWS, joined in structures.TABLE_ROWS),
        (FLAT, last in structures.FLAT_LISTS or joined in structures.FLAT_LISTS),
        (NAMES_ALL, joined in structures.NAMES_ALL),
        (KIND, joined in structures.KIND),
        (KIND_OF, len(parts) > 1 and last in {"type", "kind"}),
        (WRAPPER, joined in structures.WRAPPERS or joined in structures.CHANGE),
        (TABLE, last in structures.TABLES),
        (OF_THING, joined in structures.OF_THINGS),
        (MAIL, joined in structures.HEADERS),
        (BY_PERSON, _is_by_person(parts)),
    ):
        facts |= fact * applies
    return facts


@lru_cache(maxsize=4096)
def facts_of_all(keys: tuple[str, ...]) -> tuple[tuple[int, ...], int]:
    """Return the facts about each of the keys of an object, and all facts together. Objects are much alike."""
    each = tuple(map(facts_of, keys))
    return each, reduce(or_, each, 0)


def named_by(value: object) -> int:
    """Return the facts about the key that a value names, if it is the name of a key."""
    if not isinstance(value, str) or len(value) > _LONGEST_FIELD:
        return 0
    if value.isalpha():
        return facts_of(value)
    # Numbers only separate words: with one number for all, paths of thousands of things are looked up once.
    return facts_of(_NUMBER.sub("0", value)) if _FIELD.fullmatch(value) else 0


def names_datum(value: object) -> bool:
    """Tell whether a value names something personal, as the first of a pair does: `Cookie`, `email`, `user_id`."""
    return bool(named_by(value) & PERSONAL)


def _whose(parts: Sequence[str], key: str) -> int:
    if not parts or parts[-1] in data.ABOUT_LAST or (len(parts) > 1 and parts[0] in data.ABOUT_FIRST):
        return 0
    if len(parts) > 1 and parts[-1] in persons.DETAILS and set(parts[:-1]) & _SOMEBODY and not _has_datum(parts):
        return ABOUT | PERSON * (parts[-1] in persons.REFERENCES)
    if set(parts) & own_words() or _has_personal_word(parts) or _identifies(parts) or _is_name_of_person(parts):
        return PERSONAL
    return _who(parts, key)


def _who(parts: Sequence[str], key: str) -> int:
    """Tell whether the words mean somebody."""
    before = set(parts[:-1])
    if not before.isdisjoint(persons.NO_PERSON):
        return 0
    if parts[-1] in persons.ROLE_OF_PERSON - persons.PERSON_ALONE:
        return ABOUT
    if "." in key and not before <= persons.BESIDE | persons.PERSON | persons.PEOPLE:
        # A path, or the label of a model; a number under it is a count.
        return PEOPLE * (parts[-1] in persons.PERSON | persons.PEOPLE and key.islower())
    if parts[-1] in persons.PERSON_ALONE:
        return PERSON * all(_says_nothing(word) for word in before)
    return PERSON * (parts[-1] in persons.PERSON) + PEOPLE * (parts[-1] in persons.PEOPLE)


def _says_nothing(word: str) -> bool:
    """Tell whether a word before one for a person leaves it one: `old`, `from`, `banned`, `project`."""
    return word in _SAYS_NOTHING or word.endswith(("ed", "ing"))


def _names_field(parts: Sequence[str]) -> bool:
    rest = list(parts)
    if len(rest) > 1 and (rest[-1] in persons.NAME or rest[-1] in persons.IDS or rest[-1] in {"key", "path", "label"}):
        rest.pop()
    return bool(rest) and rest[-1] in structures.FIELD


def _has_personal_word(parts: Sequence[str]) -> bool:
    if parts[-1] in data.LAST and (len(parts) == 1 or parts[-2] not in data.NOT_OF_PERSON.get(parts[-1], ())):
        return True
    if not data.ALWAYS.isdisjoint(parts):
        return True
    for at, part in enumerate(parts):
        for phrase in _PHRASES_BY_FIRST.get(part, ()):
            if tuple(parts[at : at + len(phrase)]) == phrase:
                return True
    return any(
        part in data.ADDRESS
        and (at == 0 or parts[at - 1] not in data.NOT_OF_PEOPLE)
        and (at + 1 == len(parts) or parts[at + 1] not in data.BEHIND_ADDRESS)
        for at, part in enumerate(parts)
    )


def _has_datum(parts: Sequence[str]) -> bool:
    """Tell whether a word before the last is personal by itself: `user email data`."""
    return len(parts) > 1 and _has_personal_word(parts[:-1])


def _is_label(parts: Sequence[str]) -> bool:
    """Tell whether the words are those of a label: `displayName`, `property label`."""
    return (
        len(parts) > 1
        and parts[-1] in {"name", "label", "key"}
        and (persons.BESIDE | structures.FIELD).issuperset(parts[:-1])
    )


def _is_by_person(parts: Sequence[str]) -> bool:
    """Tell whether the words say that there is something for each person: `votes by user`, `per member limits`."""
    return any(
        word in {"by", "per"} and after in persons.PERSON | persons.PEOPLE | data.ALWAYS
        for word, after in pairwise(parts)
    )


def _identifies(parts: Sequence[str]) -> bool:
    """Tell whether the words refer to a person: `user id`, `customer no`, `user public id`, `invited by`."""
    rest = list(parts)
    while len(rest) > 1 and rest[-1] in _REFERENCE | {"public", "external"}:
        rest.pop()
    if len(rest) >= 2 and rest[-1] == "by" and (rest[-2] in persons.DONE or rest[-2].endswith("ed")):  # noqa: PLR2004
        return rest[-2] not in persons.NO_PERSON
    if parts[-1] in {"url", "uri", "link", "href"} and rest[-1] in {"login", "session"}:
        return False  # of a page
    return (
        len(rest) < len(parts)
        and parts[-1] in _REFERENCE
        and rest[-1] in _SOMEBODY
        and persons.NO_PERSON.isdisjoint(rest)
    )


def _is_name_of_person(parts: Sequence[str]) -> bool:
    for at, part in enumerate(parts):
        if part not in persons.NAME:
            continue
        before = [word for word in parts[:at] if word not in persons.BESIDE]
        after = [word for word in parts[at + 1 :] if word not in persons.BESIDE]
        if after[:1] == ["of"]:
            before, after = after[1:], []
        if set(after) <= persons.NAME_OF_PEOPLE and (not before or before[-1] in _HAS_NAME):
            return True
    return False
