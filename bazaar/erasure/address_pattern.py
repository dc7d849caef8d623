"""A person's addresses in texts that others wrote: found whatever their case, replaced by `[removed]`.

An address is found where it stands alone, and not inside a longer one: `ann@example.org` is no part of
`joann@example.org` or of `ann@example.org.uk`.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Field, JSONField, Q, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import IRegex

REMOVED = "[removed]"

# Before: no letter or digit, nor one with a mark of a local part behind it. After: no longer domain.
_BEFORE = r"(?<![^\W_])(?<![^\W_][.+_-])"
_AFTER = r"(?![^\W_]|-[^\W_]|\.(?-i:[a-z]))"


class AddressPattern:
    """The addresses of one or more persons, in every form that they may have in a text, a URL or JSON."""

    def __init__(self, addresses: Iterable[str]) -> None:
        alternatives = _any_of({form for address in addresses for form in _forms(address)})
        self.sql = f"({alternatives})"
        self._text = re.compile(f"{_BEFORE}(?:{alternatives}){_AFTER}", re.IGNORECASE)
        self._bytes = re.compile(alternatives.encode(), re.IGNORECASE)

    def mentioned_in(self, field: "Field[Any, Any]") -> Q:
        """Select the rows whose column may mention an address; some of them do not (see the module)."""
        if isinstance(field, JSONField):
            return Q(IRegex(Cast(F(field.name), TextField()), self.sql))
        return Q(**{f"{field.name}__iregex": self.sql})

    def is_in(self, text: str) -> bool:
        return self._text.search(text) is not None

    def may_be_in(self, content: bytes) -> bool:
        """Tell whether an address, or a longer one that ends or begins with it, stands in `content`."""
        return self._bytes.search(content) is not None

    def remove(self, value: Any) -> Any:
        """Return a text or JSON value without the addresses; the same object where there are none.

        Depth is no limit: no recursion.
        """
        copy: list[Any] = [None]
        todo: list[tuple[Any, Any, Any]] = [(copy, 0, value)]
        changed = False
        while todo:
            target, place, item = todo.pop()
            target[place], renamed = self._copy(item, todo)
            changed |= renamed or (isinstance(item, str) and target[place] != item)
        return copy[0] if changed else value

    def _copy(self, item: Any, todo: list[tuple[Any, Any, Any]]) -> tuple[Any, bool]:
        """Return a copy whose parts are still to be done, and whether a key changed."""
        if isinstance(item, str):
            return self._text.sub(REMOVED, item), False
        if isinstance(item, list):
            items = [None] * len(item)
            todo.extend((items, place, part) for place, part in enumerate(item))
            return items, False
        if isinstance(item, dict):
            names = {key: self._free_key(key, item, number) for number, key in enumerate(item, 1)}
            parts = dict.fromkeys(names.values())
            todo.extend((parts, names[key], part) for key, part in item.items())
            return parts, names.keys() != parts.keys()
        return item, False

    def _free_key(self, key: str, taken: dict[str, Any], number: int) -> str:
        """Return `key`, or a name in place of the address in it: a number that no other key of the object has."""
        if not self._text.search(key):
            return key
        while f"[removed-{number}]" in taken:
            number += len(taken)
        return f"[removed-{number}]"


def _forms(address: str) -> set[str]:
    """Return how an address is spelled: composed or decomposed, and as JSON escapes it, in which case hides."""
    spelled = {address, unicodedata.normalize("NFD", address)}
    escaped = {json.dumps(form)[1:-1] for word in spelled for form in (word, word.upper())}
    return spelled | {form for form in escaped if "\\" in form}


def _any_of(addresses: Iterable[str]) -> str:
    """Return an expression for all of the addresses that costs little more than one for a few of them.

    Written one after another, a hundred addresses make a search a hundred times slower. So each domain stands once, and
    of the names in front of it each beginning once.
    """
    names: dict[str, set[str]] = defaultdict(set)
    for address in sorted(addresses):
        name, _, domain = address.rpartition("@")
        names[domain].add(name)
    return "|".join(f"{_by_beginning(names[domain])}(?:@|%40){re.escape(domain)}" for domain in names)


def _by_beginning(words: Iterable[str]) -> str:
    rests: dict[str, set[str]] = defaultdict(set)
    for word in sorted(words):
        rests[word[:1]].add(word[1:])
    is_whole = rests.pop("", None) is not None
    branches = [re.escape(letter) + _by_beginning(rest) for letter, rest in rests.items()]
    if not branches:
        return ""
    return f"(?:{'|'.join(branches)}){'?' * is_whole}" if is_whole or len(branches) > 1 else branches[0]
