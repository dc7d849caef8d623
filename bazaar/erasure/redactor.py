"""Find and remove a person's addresses and names in texts and JSON."""

import re
from collections.abc import Callable, Collection, Iterable
from itertools import permutations
from pathlib import PurePosixPath
from typing import Any

from bazaar.redaction.addresses import REMOVED, AddressSet, Mention, outermost, without
from bazaar.redaction.readings import fold, readings

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BETWEEN = r"[\s,._+'’-]{1,3}"
_OURS = re.compile(r"\[(?:removed(?:-\d+)?|Deleted User)\]")
"""What an erasure writes. Somebody may be called so; found in it, their name would never be gone."""
_CODE = re.compile(r"[a-z0-9_.:-]*")
_MOST_PARTS = 4
"""Up to so many parts of a name are looked for in any order; of longer ones, in theirs and reversed."""


class Redactor:
    """Knows addresses and full names of persons, and replaces them by `[removed]`."""

    def __init__(self, addresses: Collection[str], names: Collection[str] = ()) -> None:
        self.addresses = frozenset(addresses)
        self.known = AddressSet(addresses)
        self._names = _pattern_of(names)
        self._long_names = _pattern_of(name for name in names if len(_WORD.findall(name)) > 1)

    def has_address(self, text: str) -> bool:
        return bool(self.known) and self.known.is_in(text)

    def has_name(self, text: str) -> bool:
        return bool(_mentions(self._names, text))

    def without_addresses(self, value: Any) -> Any:
        """Return a text or JSON value without the addresses; the same object where there are none."""
        return replaced(value, self.known.remove) if self.known else value

    def changes_addresses(self, value: Any) -> bool:
        """Tell whether one of the addresses stands in a text or JSON value."""
        return self.without_addresses(value) is not value

    def is_in_file_name(self, name: str, *, with_names: bool) -> bool:
        """Tell whether the name of a file has an address, or a name. Its ending is not looked at for names."""
        return any(map(self.has_address, name.split("/"))) or (with_names and self.has_name(PurePosixPath(name).stem))

    def without_names(self, value: Any) -> Any:
        """Return a text or JSON value without the names; the same object where there are none."""
        return replaced(value, lambda text: without(text, _mentions(self._names, text))) if self._names else value

    def without_names_in_code(self, text: str) -> str:
        """Return a text without the names. In `project.updated` a name of one word is a word of the program."""
        return without(text, _mentions(self._long_names if _CODE.fullmatch(text) else self._names, text))


def _mentions(names: re.Pattern[str] | None, text: str) -> list[Mention]:
    if names is None:
        return []
    ours = [match.span() for match in _OURS.finditer(text)]
    found = (
        reading.span(match.start(), match.end())
        for reading in (reading.folded() for reading in readings(text))
        for match in names.finditer(reading.text)
    )
    return outermost(
        Mention(start, end, "")
        for start, end in found
        if not any(begin <= start and end <= finish for begin, finish in ours)
    )


def _pattern_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return an expression for names over folded texts: the parts of each in any order, as whole words."""
    forms = {form for name in names for form in _orders(_WORD.findall(fold(name)))}
    alternatives = "|".join(sorted((_BETWEEN.join(map(re.escape, form)) for form in forms), key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])") if forms else None


def _orders(parts: list[str]) -> Iterable[tuple[str, ...]]:
    if not parts:
        return []
    return permutations(parts) if len(parts) <= _MOST_PARTS else (tuple(parts), tuple(reversed(parts)))


def replaced(value: Any, replace: Callable[[str], str]) -> Any:
    """Return a text or JSON value with each text, keys too, put through `replace`; the same object if none changes.

    Depth is no limit: no recursion.
    """
    copy: list[Any] = [None]
    todo: list[tuple[Any, Any, Any]] = [(copy, 0, value)]
    changed = False
    while todo:
        target, place, item = todo.pop()
        target[place], is_new = _copy(item, todo, replace)
        changed |= is_new
    return copy[0] if changed else value


def _copy(item: Any, todo: list[tuple[Any, Any, Any]], replace: Callable[[str], str]) -> tuple[Any, bool]:
    """Return a copy whose parts are still to be done, and whether it, or a key of it, is new."""
    if isinstance(item, str):
        text = replace(item)
        return text, text is not item and text != item
    if isinstance(item, list):
        items = [None] * len(item)
        todo.extend((items, place, part) for place, part in enumerate(item))
        return items, False
    if isinstance(item, dict):
        names = {key: _free_key(key, item, number, replace) for number, key in enumerate(item, 1)}
        parts = dict.fromkeys(names.values())
        todo.extend((parts, names[key], part) for key, part in item.items())
        return parts, names.keys() != parts.keys()
    return item, False


def _free_key(key: str, taken: dict[str, Any], number: int, replace: Callable[[str], str]) -> str:
    """Return `key`, or a name in its place: a number that no other key of the object has."""
    if replace(key) == key:
        return key
    while f"{REMOVED[:-1]}-{number}]" in taken:
        number += len(taken)
    return f"{REMOVED[:-1]}-{number}]"
