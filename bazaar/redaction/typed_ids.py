"""Find ids that say themselves that they are a person's: `user-4711`, `Patient/95`, `customer:0b5c...`."""

import re
from collections.abc import Iterator
from string import ascii_letters

from bazaar.redaction.addresses import Mention
from bazaar.redaction.lexicon.persons import PERSON

_TYPED = re.compile(
    r"(?<![\w-])(?:[a-z]{2,20}[_.])?(?P<of>[A-Za-z]{4,20})(?:[-:|#/]|_(?:id_)?)"
    r"(?P<value>(?:\d{2,20}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?=[a-f]*\d)[0-9a-f]{12,64}))(?![\w.-])"
)
_PERSONS = PERSON | {"contact", "profile"}


_LONGEST_WORD = 20
_SHAPE = (
    bytes(
        ord("0")
        if chr(code).isdigit()
        else ord("a")
        if chr(code).isalpha()
        else ord("-")
        if chr(code) in "-:|#/_"
        else ord(",")
        for code in range(128)
    )
    + b"," * 128
)
_MAY_BE_ID = re.compile(rb"-(?<=a-)(?:0|[a0]{8})")


def may_hold_typed_id(text: str) -> bool:
    """Tell whether such an id may stand in a text; a no is certain."""
    shape = text.encode("ascii", "replace").translate(_SHAPE)
    if shape.find(b"a-0") < 0 and shape.find(b"a-a") < 0:
        return False
    for match in _MAY_BE_ID.finditer(shape):
        before = text[max(0, match.start() - _LONGEST_WORD) : match.start()]
        word = before[len(before.rstrip(ascii_letters)) :].lower()
        if word in _PERSONS or word == "id":
            return True
    return False


def find_typed_ids(text: str) -> Iterator[Mention]:
    """Yield the ids of a text before which the word for a person stands."""
    if not may_hold_typed_id(text):
        return
    for match in _TYPED.finditer(text):
        if match["of"].lower() in _PERSONS:
            yield Mention(*match.span("value"), "typed id")
