"""Tell from a key what its value holds. The facts are numbers that are added up (`facts`)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from bazaar.redaction import facts as f, grammar as g
from bazaar.redaction.lexicon import data, persons, structures
from bazaar.redaction.texts import clean_text
from bazaar.redaction.words import own_words, words

_LONGEST_FIELD = 100  # characters; a longer text is not the name of a field
_FIELD = re.compile(r"\D*+(?:\d{1,4}+\D*+){0,2}+")  # with more digits it is no name of a field
_NUMBER = re.compile(r"\d+")
_REMOVED_KEY = re.compile(r"\[removed(?:-\d+)?\]")
_WORDS = re.compile(r"[A-Za-z_][A-Za-z_.-]{0,39}")

KEYS_REMEMBERED = 8192

_IDS = persons.IDS | {"picture", "photo"}
_WHOM = f.SOMEBODY | f.ABOUT
_OWN_ID = _IDS | {"public", "external", "api", "graphql", "admin"}

_JOINED = frozenset().union(
    structures.EVENT,
    structures.BEFORE_AND_AFTER,
    structures.FIELD_ALONE,
    structures.CHANGE,
    structures.TABLE_COLUMNS,
    structures.TABLE_ROWS,
    structures.FLAT_LISTS,
    structures.NAMES_ALL,
    structures.KIND,
    structures.WRAPPERS,
    structures.OF_THINGS,
    structures.HEADERS,
)


def _listed(*lexicons: object) -> frozenset[str]:
    """Return all words of the lexicon."""
    lists = [listed for lexicon in lexicons for listed in vars(lexicon).values() if isinstance(listed, frozenset)]
    return frozenset(
        word for listed in lists for item in listed for word in ([item] if isinstance(item, str) else item)
    )


_LISTED = _listed(data, persons, structures) | _OWN_ID | g.BEFORE_PAGE | {"hiring", "line", "login", "per", "of"}


_Key = TypeVar("_Key")
_Found = TypeVar("_Found")
_facts: dict[str, int] = {}
"""Only of keys that are words of a program: no process keeps what may be personal."""


def is_personal_key(key: str) -> bool:
    """Tell whether a key goes with its value, whatever the value is: `email`, `phoneNumber`, `user_id`."""
    return bool(facts_of(key) & f.PERSONAL)


def facts_of(key: str) -> int:
    """Return all facts about a key, as the sum of their numbers; `bazaar.redaction.lexicon` has the lists."""
    found = _facts.get(key)
    if found is None:
        found = _facts_of(key)
        if may_be_remembered(key):
            remember(_facts, key, found, KEYS_REMEMBERED)
    return found


def remember(memory: dict[_Key, _Found], key: _Key, found: _Found, most: int) -> None:
    """Keep what was found out about a key; all is forgotten where there are too many."""
    if len(memory) >= most:
        memory.clear()
    memory[key] = found


def may_be_remembered(key: str) -> bool:
    """Tell whether a key is made of words, as those of programs are; any other may be somebody's address or number."""
    return _WORDS.fullmatch(key) is not None


def is_remembered(name: str) -> bool:
    """Tell whether the facts about a name are kept, because nobody is called so."""
    return name in _facts


def is_word(text: str) -> bool:
    """Tell whether a text is a word of the lexicon, and so nobody's name."""
    return text in _LISTED or _singular(text) in _LISTED


def named_by(value: object) -> int:
    """Return the facts about the key that a value names, if it is the name of a key."""
    if not isinstance(value, str) or not _may_be_field(value):
        return 0
    facts = _facts.get(value)
    if facts is not None:
        return facts
    # Numbers only separate words.
    return _facts_of(value if value.isalpha() else _NUMBER.sub("0", value))


def _may_be_field(value: str) -> bool:
    """Tell whether a text can be the name of a field: it is short, and has two numbers at most."""
    return len(value) <= _LONGEST_FIELD and (value.isalpha() or _FIELD.fullmatch(value) is not None)


def any_means_somebody(values: list[str]) -> bool:
    """Tell whether one of several values, as the name of a datum, would be personal or mean somebody."""
    unknown: list[str] = []
    for value in values:
        facts = _facts.get(value)
        if facts is None:
            if value.isalpha() or _may_be_field(value):
                unknown.append(value)
        elif facts & _WHOM:
            return True
    return g.may_mean_somebody(" ".join(unknown)) and any(named_by(value) & _WHOM for value in unknown)


def names_datum(value: object) -> bool:
    """Tell whether a value names something personal, as the first of a pair does: `Cookie`, `email`, `user_id`."""
    return isinstance(value, str) and g.may_mean_somebody(value) and bool(named_by(value) & f.PERSONAL)


def _facts_of(key: str) -> int:
    if _REMOVED_KEY.fullmatch(key):
        return f.ABOUT_PAIR
    found = words(key.rpartition("/")[2] if "://" in key else key)
    parts = tuple(map(_without_name, found))
    joined = "".join(found)
    facts = _facts_of_words(
        parts, joined if joined in _JOINED else "", is_path="." in key, is_lower_case=key.islower()
    ) | f.ADDRESS * (clean_text(key) is not key)
    if parts == found and may_be_remembered(key):  # all of it is in the lexicon: it is nobody's name
        remember(_facts, key, facts, KEYS_REMEMBERED)
    return facts


def _without_name(word: str) -> str:
    """Return a word of the lexicon as it is, and one for all others: they may be somebody's name."""
    if word in _LISTED or _singular(word) in _LISTED or word in own_words():
        return word
    return next((ending for ending in ("ed", "ing") if word.endswith(ending)), "-")


def _singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


@lru_cache(maxsize=KEYS_REMEMBERED)
def _facts_of_words(parts: Sequence[str], joined: str, *, is_path: bool, is_lower_case: bool) -> int:
    """Return the facts about the words of a key; `joined` is what they are run together, if the lexicon has that."""
    found = _whose(parts, is_path=is_path, is_lower_case=is_lower_case)
    last = parts[-1] if parts else ""
    for fact, applies in (
        (f.OWN_PART, bool(parts) and persons.OWN_PARTS.issuperset(parts)),
        (f.VERSION, not data.VERSION.isdisjoint(parts)),
        (f.FIELD, g.names_field(parts)),
        (f.FIELD_ALONE, joined in structures.FIELD_ALONE or g.is_label(parts)),
        (f.CHANGE, joined in structures.CHANGE or last in {"value", "values"}),
        (f.ABOUT_PAIR, last in structures.ABOUT_PAIR or last in persons.IDS or last in data.ABOUT_LAST),
        (f.NAME, bool(found & f.PERSONAL) and g.is_name_alone(parts)),
        (f.THING, g.is_thing(last) and not g.is_state(parts)),
        (f.COLUMNS, joined in structures.TABLE_COLUMNS),
        (f.ROWS, joined in structures.TABLE_ROWS),
        (f.FLAT, last in structures.FLAT_LISTS or joined in structures.FLAT_LISTS),
        (f.NAMES_ALL, joined in structures.NAMES_ALL),
        (f.KIND, joined in structures.KIND),
        (f.KIND_OF, g.tells_kind(parts)),
        (f.WRAPPER, joined in structures.WRAPPERS or joined in structures.CHANGE or g.is_state(parts)),
        (f.GENERIC, last in structures.GENERIC and persons.BESIDE.issuperset(parts[:-1])),
        (f.MAY_NAME, last in structures.MAY_NAME),
        (f.EVENT, joined in structures.EVENT),
        (f.TEXT_ONLY, last == "authorization"),
        (f.MESSAGE, tuple(parts) in data.MESSAGES),
        (f.LIST_OF_NAMES, last in structures.LISTS_OF_NAMES),
        (f.CONTACT, bool(found & f.PERSONAL) and not data.CONTACTS.isdisjoint(parts)),
        (f.HAPPENING, last in structures.HAPPENINGS),
        (f.DONE_BY, last == "by" and bool(found & f.PERSONAL)),
        (f.TABLE, last in structures.TABLES),
        (f.OF_THING, joined in structures.OF_THINGS),
        (f.MAIL, joined in structures.HEADERS),
        (f.BY_PERSON, g.is_by_person(parts)),
        (f.OF_PERSON, len(parts) > 1 and parts[-1] == "name" and persons.OF_PERSON_ALONE.issuperset(parts[:-1])),
        (f.PLACE, not data.PLACES.isdisjoint(parts) and not found & f.PERSONAL),
        (f.IN_PLACE, bool(parts) and parts[0] in data.IN_PLACE),
        (f.OWN_ID, _OWN_ID.issuperset(parts) and not _IDS.isdisjoint(parts)),
    ):
        found |= fact * applies
    return found


def _whose(parts: Sequence[str], *, is_path: bool, is_lower_case: bool) -> int:
    if (
        not parts
        or (parts[-1] in data.ABOUT_LAST and data.NEVER_ABOUT.isdisjoint(parts))
        or (len(parts) > 1 and parts[0] in data.ABOUT_FIRST)
    ):
        return 0
    if (
        len(parts) > 1
        and parts[-1] in persons.DETAILS
        and set(parts[:-1]) & (g.SOMEBODY | {"personal"})
        and not g.has_datum(parts)
    ):
        return f.ABOUT | f.PERSON * (parts[-1] in persons.REFERENCES)
    if set(parts) & own_words() or g.has_personal_word(parts) or g.identifies(parts) or g.is_name_of_person(parts):
        return f.PERSONAL
    return _who(parts, is_path=is_path, is_lower_case=is_lower_case)


def _who(parts: Sequence[str], *, is_path: bool, is_lower_case: bool) -> int:
    """Tell whether the words mean somebody."""
    before = set(parts[:-1])
    if g.is_given_to(parts) or tuple(parts[-2:]) == ("name", "id"):
        return f.PERSON
    if g.is_page(parts) or not before.isdisjoint(persons.NO_PERSON):
        return 0
    if parts[-1] in persons.ROLE_OF_PERSON - persons.PERSON_ALONE:
        return f.ABOUT
    if is_path and not before <= persons.BESIDE | persons.PERSON | persons.PEOPLE:
        # A path, or the label of a model; a number under it is a count.
        return f.PEOPLE * (parts[-1] in persons.PERSON | persons.PEOPLE and is_lower_case)
    if parts[-1] in persons.PERSON_ALONE:
        return f.PERSON * all(g.leaves_person(word) for word in before)
    return f.PERSON * (parts[-1] in persons.PERSON) + f.PEOPLE * (parts[-1] in persons.PEOPLE)
