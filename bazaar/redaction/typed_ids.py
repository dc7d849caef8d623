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


def find_typed_ids(text: str) -> Iterator[Mention]:
    """Yield the ids of a text before which the word for a person stands."""
    for match in _TYPED.finditer(text):
        if match["of"].lower() in _PERSONS:
            yield Mention(*match.span("value"), "typed id")
