"""Tell from the words of a key who or what it means, by the order in which they stand."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby, pairwise

from bazaar.redaction.lexicon import data, persons, structures
from bazaar.redaction.words import own_words

_HAS_NAME = (
    persons.PERSON
    | persons.PEOPLE
    | persons.ROLE_OF_PERSON
    | persons.NAME_OF_PEOPLE
    | persons.NAMED
    | persons.PERSON_ALONE
)
_REFERENCE = persons.IDS | persons.REFERENCES
SOMEBODY = persons.PERSON | persons.PEOPLE | persons.ROLE_OF_PERSON
_SAYS_NOTHING = persons.BESIDE | SOMEBODY | {"from", "to", "for", "on", "project", "hiring", "line"}
_PHRASES_BY_FIRST = {first: [phrase for phrase in data.PHRASES if phrase[0] == first] for first, *_ in data.PHRASES}
_SHORT = 3
BEFORE_PAGE = frozenset({"http", "initial", "document", "page", "landing"})


@cache
def _telling_words() -> re.Pattern[str]:
    """Return a pattern for words of which one stands in each key that is personal, or means somebody or a version."""
    telling = data.ALWAYS | data.LAST | data.ADDRESS | data.VERSION | persons.NAME | own_words()
    telling |= data.PLACES | SOMEBODY | persons.PERSON_ALONE | persons.GIVEN_TO | {"sign", "log"}
    telling |= {first if len(first) >= _SHORT else phrase[-1] for first, *phrase in data.PHRASES}
    return re.compile(_either(word for word in telling if not any(word.find(other, 1) >= 0 for other in telling)))


def _either(words: Iterable[str]) -> str:
    """Return a pattern for either of some words, in which each letter is looked at once."""
    branches = []
    for first, group in groupby(sorted(words), lambda word: word[:1]):
        rest = {word[1:] for word in group}
        branches.append(re.escape(first) + ("" if "" in rest else _either(rest)))
    return f"(?:{'|'.join(branches)})" if len(branches) > 1 else branches[0]


def may_mean_somebody(text: str) -> bool:
    """Tell whether a text can be the name of something personal, or of a version; a no is certain."""
    return not text.isascii() or _telling_words().search(text.lower()) is not None


def leaves_person(word: str) -> bool:
    """Tell whether a word before one for a person leaves it one: `old`, `from`, `banned`, `project`."""
    return word in _SAYS_NOTHING or word.endswith(("ed", "ing"))


def names_field(parts: Sequence[str]) -> bool:
    rest = list(parts)
    if len(rest) > 1 and (rest[-1] in persons.NAME or rest[-1] in persons.IDS or rest[-1] in {"key", "path", "label"}):
        rest.pop()
    return bool(rest) and (rest[-1] in structures.FIELD or (len(rest) < len(parts) and rest[0] in structures.FIELD))


def has_personal_word(parts: Sequence[str]) -> bool:
    if parts[-1] in data.LAST and (len(parts) == 1 or parts[-2] not in data.NOT_OF_PERSON.get(parts[-1], ())):
        return True
    if not data.ALWAYS.isdisjoint(parts):
        return True
    if not data.PLACES.isdisjoint(parts) and not data.IN_PLACE.isdisjoint(parts):
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


def tells_kind(parts: Sequence[str]) -> bool:
    """Tell whether the words say of what kind a thing is: `item_type`, `objecttypecode`, `object table`."""
    rest = parts[:-1] if parts[-1:] in (("code",), ("name",)) else parts
    return len(rest) > 1 and rest[-1] in {"type", "kind", "table", "model"}


def is_state(parts: Sequence[str]) -> bool:
    """Tell whether the words mean what a thing was or is: `old image`, `prior_state`, `resulting_state`."""
    return len(parts) > 1 and parts[-1] in structures.STATES and all(map(_is_time, parts[:-1]))


def _is_time(word: str) -> bool:
    return word in structures.BEFORE_AND_AFTER or word.endswith(("ed", "ing"))


def has_datum(parts: Sequence[str]) -> bool:
    """Tell whether a word before the last is personal by itself: `user email data`."""
    return len(parts) > 1 and has_personal_word(parts[:-1])


def is_label(parts: Sequence[str]) -> bool:
    """Tell whether the words are those of a label: `displayName`, `property label`."""
    return (
        len(parts) > 1
        and parts[-1] in {"name", "label", "key"}
        and (persons.BESIDE | structures.FIELD).issuperset(parts[:-1])
    )


def is_by_person(parts: Sequence[str]) -> bool:
    """Tell whether the words say that there is something for each person: `votes by user`, `per member limits`."""
    return any(
        word in {"by", "per"} and after in persons.PERSON | persons.PEOPLE | data.ALWAYS
        for word, after in pairwise(parts)
    )


def identifies(parts: Sequence[str]) -> bool:
    """Tell whether the words refer to a person: `user id`, `customer no`, `user public id`, `invited by`."""
    if len(parts) > 2 and parts[-1] == "list":  # noqa: PLR2004 - whose, what, and list
        parts = parts[:-1]
    rest = list(parts[:-1] if len(parts) > 2 and parts[-1] == "value" else parts)  # noqa: PLR2004
    parts = tuple(rest)
    while len(rest) > 1 and rest[-1] in _REFERENCE | {"public", "external"}:
        rest.pop()
    if (
        len(rest) > 1
        and rest[-1] == "by"
        and (rest[-2] in persons.DONE | structures.HAPPENED or rest[-2].endswith("ed"))
    ):
        return rest[-2] not in persons.NO_PERSON
    if parts[-1] in {"url", "uri", "link", "href"} and rest[-1] in {"login", "session"}:
        return False  # of a page
    return (
        len(rest) < len(parts)
        and parts[-1] in _REFERENCE | {"public", "external"}
        and (rest[-1] in SOMEBODY or rest in (["manager"], ["principal"]))
        and persons.NO_PERSON.isdisjoint(rest)
    )


def is_name_of_person(parts: Sequence[str]) -> bool:
    for at, part in enumerate(parts):
        if part not in persons.NAME:
            continue
        before = [word for word in parts[:at] if word not in persons.BESIDE | persons.ASKED]
        after = [word for word in parts[at + 1 :] if word not in persons.BESIDE]
        if after[:1] == ["of"]:
            before, after = after[1:], []
        if set(after) <= persons.NAME_OF_PEOPLE and (not before or before[-1] in _HAS_NAME):
            return True
    return False


def is_name_alone(parts: Sequence[str]) -> bool:
    """Tell whether the words are a name, and nothing says whose."""
    is_name = not persons.NAME.isdisjoint(parts) and (persons.NAME | persons.BESIDE).issuperset(parts)
    return is_name or tuple(parts) == ("nickname",)


def is_given_to(parts: Sequence[str]) -> bool:
    """Tell whether the words say who something was given to: `assigned to`."""
    return len(parts) > 1 and parts[-1] == "to" and parts[-2] in persons.GIVEN_TO


def is_page(parts: Sequence[str]) -> bool:
    """Tell whether the words mean the page that somebody came from: `http referrer`."""
    return parts[-1] == "referrer" and not BEFORE_PAGE.isdisjoint(parts)


def is_thing(word: str) -> bool:
    """Tell whether a word means a thing, or several."""
    return (
        word in persons.THING
        or word.removesuffix("s") in persons.THING
        or (word.endswith("ies") and f"{word[:-3]}y" in persons.THING)
    )
