"""Keep of a document only what a table says is harmless (`bazaar.audit_actions`), and remove the rest.

What a table names is kept where its value is of the kind that the table says. A text is never kept because of its key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bazaar.redaction.documents import ExactNumber, Json


class Kind(Protocol):
    """A kind of values that say nothing of anybody."""

    def holds(self, value: Json) -> bool: ...


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    def holds(self, value: Json) -> bool:
        return isinstance(value, (int, float, ExactNumber)) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Boolean:
    """Yes or no."""

    def holds(self, value: Json) -> bool:
        return isinstance(value, bool)


class Choice:
    """One of certain texts."""

    def __init__(self, *texts: str) -> None:
        self._texts = frozenset(texts)

    def __repr__(self) -> str:
        return f"Choice{sorted(self._texts)}"

    def holds(self, value: Json) -> bool:
        return isinstance(value, str) and value in self._texts


class Text:
    """A text of a form that holds no words of anybody."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)

    def __repr__(self) -> str:
        return f"Text({self._pattern.pattern!r})"

    def holds(self, value: Json) -> bool:
        return isinstance(value, str) and self._pattern.fullmatch(value) is not None


class Id:
    """The id of a thing: a number, a UUID, or up to 64 of certain `characters` (as in a class of a pattern)."""

    def __init__(self, characters: str = "0-9a-f-") -> None:
        self._pattern = re.compile(rf"[{characters}]{{1,64}}")

    def __repr__(self) -> str:
        return f"Id({self._pattern.pattern!r})"

    def holds(self, value: Json) -> bool:
        if isinstance(value, str):
            return self._pattern.fullmatch(value) is not None
        return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Each:
    """A list, or an object whose keys are names of things, with the same kind or the same keys everywhere."""

    what: "Kind | Keys"


Keys: TypeAlias = "Mapping[str, Kind | Each | Keys]"

NUMBER = Number()
BOOLEAN = Boolean()
ID = Id()
VERSION = Text(r"v?\d{1,6}(?:\.\d{1,6}){0,3}(?:[-+][0-9A-Za-z.]{1,20})?")
FILE_TYPE = Text(r"(?:application|audio|font|image|model|text|video)/[a-z0-9.+-]{1,60}|\.?[a-z0-9]{1,5}")

_KEY = re.compile(r"[a-z][A-Za-z0-9_]{0,60}(?:[.-][a-z0-9_]{1,60}){0,3}")


def is_key(text: str) -> bool:
    """Tell whether a text looks like the name of a key, and not like a value that is used as one."""
    return _KEY.fullmatch(text) is not None


def keep(document: Json, keys: Keys) -> Json:
    """Return what `keys` allow of a document: a copy, or the very same one where nothing is removed.

    The table's own depth is the depth of the copy.
    """
    kept = _kept_object(document, keys) if isinstance(document, dict) else {}
    return document if kept == document else kept


def _kept_object(source: dict[str, Json], keys: Keys) -> dict[str, Json]:
    found = ((key, _kept(value, keys[key])) for key, value in source.items() if key in keys)
    return {key: value for key, value in found if value is not None}


def _kept(value: Json, what: "Kind | Each | Keys") -> Json:
    """Return what is allowed of a value; `None` where nothing is."""
    if isinstance(what, Each):
        if isinstance(value, list):
            return [kept for item in value if (kept := _kept(item, what.what)) is not None]
        if isinstance(value, dict):
            return {key: kept for key, item in value.items() if is_key(key)
                    and (kept := _kept(item, what.what)) is not None}  # fmt: skip
        return None
    if isinstance(what, Mapping):
        return _kept_object(value, what) if isinstance(value, dict) else None
    return value if what.holds(value) else None
