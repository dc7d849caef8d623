"""Tell whether a key goes with its value, from the facts about it, what is above it, and what stands beside it."""

import re

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import REMOVED
from bazaar.redaction.documents import Json
from bazaar.redaction.lexicon.persons import NOT_NAMES
from bazaar.redaction.shapes import is_header_name, is_no_name
from bazaar.redaction.siblings import Siblings
from bazaar.redaction.values import is_telephone
from bazaar.redaction.words import words

_COLUMN = re.compile(r"[a-z_]{2,40}_(?:at|on|date|count)")
_LINE_OF_CODE = re.compile(r"[\w./-]+\.\w{1,5}:\d{1,6}")
_ONE_PERSON = f.PERSON | f.ABOUT


def goes(facts: int, value: Json, inherited: int, siblings: Siblings) -> bool:
    """Tell whether a key is removed with its value."""
    if facts & (f.ADDRESS | f.TEXT_ONLY | f.MESSAGE) and _holds_more(facts, value):
        return False
    if facts & f.NAME and not (inherited & f.ABOUT_PERSON):
        return _is_name_of_person(value, inherited, siblings)
    if facts & f.PERSONAL or (facts & f.MAIL and _is_sender(value, inherited)):
        return True
    if facts & f.IN_PLACE and inherited & f.PLACE and can_hold(value):
        return not isinstance(value, (dict, list))
    if facts & f.OWN_PART and inherited & f.ABOUT_PERSON:
        # Beneath several persons a number under `new` is a count, and an object is about them as they were.
        is_count = isinstance(value, int) and not inherited & _ONE_PERSON
        return not (facts & f.CHANGE and (is_count or isinstance(value, dict)))
    return is_reference(value) if facts & f.PERSON else bool(facts & f.PEOPLE) and isinstance(value, str)


def _holds_more(facts: int, value: Json) -> bool:
    """Tell whether a key is renamed, because it is somebody's address, or its value is more than the datum."""
    if facts & f.ADDRESS:
        return True
    return isinstance(value, dict) and (bool(facts & f.TEXT_ONLY) or _is_message(value))


def _is_sender(value: Json, inherited: int) -> bool:
    """Tell whether what stands under `from` is somebody: in a list of headers, or a telephone number."""
    if inherited & f.FLAT and can_hold(value):
        return True
    return isinstance(value, str) and value.isdecimal() and is_telephone(f"+{value}")


def _is_name_of_person(name: Json, inherited: int, siblings: Siblings) -> bool:
    """Tell whether a name, of which the key does not say whose it is, is a person's."""
    if isinstance(name, dict) and inherited & f.THING:  # a thing's name has no parts
        return any(k.facts_of(part) & f.OWN_PART for part in name)
    is_thing = inherited & f.THING or (inherited & f.GENERIC and siblings.has_kind)
    return not (is_thing or is_no_name(name) or _is_label(name, inherited, siblings))


def _is_label(name: Json, inherited: int, siblings: Siblings) -> bool:
    """Tell whether a name is that of the value beside it. Where that goes, the name must tell it alone."""
    stays = siblings.has_value and not siblings.others_go and not siblings.values_go
    return k.names_datum(name) or (stays and (bool(inherited & f.LABELLED) or is_header_name(name)))


def _is_message(value: Json) -> bool:
    """Tell whether what stands under `mail` is no address but what was sent: it has a subject."""
    return isinstance(value, dict) and any(words(key)[-1:] == ("subject",) or key == "messageId" for key in value)


def holds_objects(value: Json) -> bool:
    return not isinstance(value, list) or any(isinstance(item, (dict, list)) for item in value)


def can_hold(value: Json) -> bool:
    """Tell whether a value can hold a datum: neither a mark, nor nothing, nor a yes or no."""
    return value not in (None, REMOVED, "") and not isinstance(value, bool)


def _is_place_in_program(value: str) -> bool:
    """Tell whether a value is a line of code or the path of a page, under a key such as `caller` or `login`."""
    if value[:1] == "/":
        return all(k.is_word(step) for step in value.split("/") if step)
    return ":" in value and _LINE_OF_CODE.fullmatch(value) is not None


def is_reference(value: Json) -> bool:
    """Tell whether a value that stands for a person is a name or an id, and no operator, yes or no."""
    if isinstance(value, str):
        return (
            not _COLUMN.fullmatch(value)
            and not _is_place_in_program(value)
            and any(c.isalnum() for c in value)
            and value.casefold() not in NOT_NAMES
            and value != REMOVED
        )
    return isinstance(value, (int, float)) and not isinstance(value, bool)
