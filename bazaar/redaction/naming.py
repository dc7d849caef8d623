"""What the value of a key names: a datum, the kind of a thing, or what happened to whom."""

import re

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.documents import Json
from bazaar.redaction.grammar import may_mean_somebody
from bazaar.redaction.lexicon.data import ATTRIBUTES
from bazaar.redaction.lexicon.persons import PEOPLE, PERSON
from bazaar.redaction.lexicon.structures import HAPPENED
from bazaar.redaction.texts import clean_text, says_nothing
from bazaar.redaction.words import words

_LONGEST_KIND = 100
_MATTERS = f.SOMEBODY | f.VERSION
_PERSONS = PERSON | PEOPLE | {"contact", "contacts"}
_WHOM = _PERSONS | {"profile", "profiles"}
_NAMESPACES = {"com", "org", "net", "io", "de", "api", "app", "webhook", "event"}
_NAME_OF_FIELD = re.compile(r"[A-Za-z][\w./:-]{1,60}")


def may_name_field(value: Json) -> bool:
    """Tell whether a value can be the name of a field, beside an old and a new value."""
    return isinstance(value, str) and _NAME_OF_FIELD.fullmatch(value) is not None


def happened_to_person(value: Json) -> bool:
    """Tell whether something happened to a person: `customer.updated`, `USER_CREATED`, `employee-hired`."""
    if not isinstance(value, str) or not may_mean_somebody(value) or not _NAME_OF_FIELD.fullmatch(value):
        return False
    said = words(value)
    if len(said) == 1:
        return False
    *before, whom, happened = said
    is_first = not before or before[0] in _NAMESPACES or _WHOM.issuperset(before)
    return is_first and whom in _WHOM and happened in HAPPENED


def named_by_value(value: Json, matters: int = _MATTERS) -> int:
    """Return the facts about what the value of a `field` names; of all, where it is a list."""
    named = 0
    if isinstance(value, dict):
        value = [item for key, item in value.items() if k.facts_of(key) & f.FIELD_ALONE or key == "ref"]
    for name in value if isinstance(value, list) else (value,):
        if isinstance(name, str) and (matters is not _MATTERS or name in ATTRIBUTES or may_mean_somebody(name)):
            # Cleaned first: the second time must find the same.
            found = k.named_by(name if says_nothing(name) else clean_text(name)) | f.PERSONAL * (name in ATTRIBUTES)
            named |= found if found & matters else 0
    return named


def named_kind(value: Json) -> int:
    """Return the facts about the kind of a thing: `User`, `App\\Models\\User`, `user_reference`."""
    if not isinstance(value, str):
        return named_by_value(value)
    kinds = _MATTERS | f.THING
    named = (named_by_value(value, kinds) | named_by_value(re.split(r"[./:\\]", value)[-1], kinds)) & ~(
        f.PERSON | f.PEOPLE
    )
    said = words(value[:_LONGEST_KIND])
    is_person = said and (
        said[-1] in _PERSONS
        or [*said] in (["profile"], ["profiles"])
        or (named & f.PERSONAL and not PERSON.isdisjoint(said))
    )
    return named | f.PERSON * bool(is_person)
