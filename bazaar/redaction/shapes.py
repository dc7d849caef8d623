"""What the shape of a value tells: the columns of a table, and names that are nobody's."""

import re
from collections.abc import Sequence

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.documents import Json

_THING = re.compile(
    r"[\w.-]+(?:/[\w.-]*\d[\w.-]*)+|[\w.-]+/[\w./-]+/[\w./-]*|[A-Z0-9]+(?:_[A-Z0-9]+)+|\w+(?:::\w+)+"
    r"|[^\n]{1,200}\?|[^A-Za-z\u00c0-\U0010ffff]{1,40}|[A-Z]{3,7} /\S*|urn:[\w:.-]+|https?://\S+"
)
_NAME_IN_PROGRAM = re.compile(r"[a-z]+(?:[A-Z][a-z0-9]*)+|[A-Za-z]\w*_\w+")
_HEADER_NAME = re.compile(
    r":(?:method|path|scheme|status|authority)|accept|host|connection|origin|referer|pragma|etag|server|vary|allow|upgrade|"
    r"(?:accept|content|cache|last|if|x|sec|access|strict|transfer|proxy|keep|www|cross|upgrade|device)-[a-z-]{1,60}",
    re.IGNORECASE,
)


def columns_of(source: dict[str, Json], facts_of_keys: Sequence[int]) -> frozenset[int]:
    """Return the places of the columns of a table that are personal."""
    for value, facts in zip(source.values(), facts_of_keys, strict=True):
        if facts & f.COLUMNS and isinstance(value, list):
            names = [_name_of_column(column) for column in value]
            return frozenset(place for place, name in enumerate(names) if k.named_by(name) & f.SOMEBODY)
    return frozenset()


def _name_of_column(column: Json) -> Json:
    if isinstance(column, dict):
        return next((column[key] for key in ("name", "id", "field", "key", "title", "label") if key in column), None)
    return column


def is_header_name(value: Json) -> bool:
    """Tell whether a name is one that programs use, of a header or a field, beside its value."""
    return isinstance(value, str) and bool(_HEADER_NAME.fullmatch(value) or _NAME_IN_PROGRAM.fullmatch(value))


def is_no_name(value: Json) -> bool:
    """Tell whether a value is the name of a thing by its form: a path, or a constant of a program."""
    return isinstance(value, str) and _THING.fullmatch(value) is not None
