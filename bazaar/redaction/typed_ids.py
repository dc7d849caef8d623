"""Find ids that say themselves that they are a person's: `user-4711`, `Patient/95`, `customer:0b5c...`."""

import re
from collections.abc import Iterator

from bazaar.redaction.addresses import Mention
from bazaar.redaction.lexicon.persons import PERSON

_TYPED = re.compile(
    r"(?<![\w-])(?:[a-z]{2,20}[_.])?(?P<of>[A-Za-z]{4,20})(?:[-:|#/]|_(?:id_)?)"
    r"(?P<value>(?:\d{2,20}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?=[a-f]*\d)[0-9a-f]{12,64}))(?![\w.-])"
)
_PERSONS = PERSON | {"contact", "profile"}


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
_MAY_BE_ID = re.compile(rb"a-[a0]{8}").search
_WORD_BEFORE_ID = re.compile(r"(?<![A-Za-z])([A-Za-z]{2,20})[-:|#/_](?=\d\d|[0-9A-Fa-f]{8})")


def may_hold_typed_id(text: str) -> bool:
    """Tell whether such an id may stand in a text; a no is certain."""
    shape = text.encode("ascii", "replace").translate(_SHAPE)
    if shape.find(b"a-00") < 0 and not _MAY_BE_ID(shape):
        return False
    words = _WORD_BEFORE_ID.findall(text)
    return bool(words) and ("id" in words or not _PERSONS.isdisjoint(map(str.lower, words)))


def find_typed_ids(text: str) -> Iterator[Mention]:
    """Yield the ids of a text before which the word for a person stands."""
    if not may_hold_typed_id(text):
        return
    for match in _TYPED.finditer(text):
        if match["of"].lower() in _PERSONS:
            yield Mention(*match.span("value"), "typed id")
