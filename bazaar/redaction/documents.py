"""Read and write JSON so that what is not changed stays the same: the text of its numbers, and how it is set out."""

import json
import re
import secrets
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_MARK = secrets.token_hex(8)
_MARKED = re.compile(rf'"{_MARK}:([^"]+)"')
_LONGEST_NUMBER = 4000  # characters: Python refuses to read integers of more than 4,300


class Unreadable(ValueError):
    """The document is no JSON, or too deep or too large to be read."""


class ExactNumber(str):
    """A number that would not be written as it is read: `1.50`, `1e400`, `12345678901234567.89`."""

    __slots__ = ()


def parse(document: str) -> Json:
    """Return what a JSON text holds, numbers without any loss. Raises `Unreadable`."""
    try:
        is_plain = len(document) < _LONGEST_NUMBER and "-0" not in document
        tree: Json = (_DECODER if is_plain else _EXACT_DECODER).decode(document)
    except (ValueError, RecursionError, OverflowError, MemoryError) as error:
        raise Unreadable from error
    return tree


def dump(tree: Json, like: str = "") -> str:
    """Return the JSON text of a document, set out as the one `like` was: with or without spaces and escapes.

    Raises `Unreadable` where it is too deep to be written.
    """
    compact = like.count('":') > like.count('": ') or ('":' not in like and like.count(",") > 1 and ", " not in like)
    try:
        text = _ENCODERS[compact, like.isascii()].encode(tree)
    except RecursionError as error:
        raise Unreadable from error
    return _MARKED.sub(r"\1", text) if _MARK in text else text


def _float(text: str) -> float | ExactNumber:
    number = float(text)
    return number if repr(number) == text else _exactly(text)


def _integer(text: str) -> int | ExactNumber:
    if len(text) > _LONGEST_NUMBER or text == "-0":
        return _exactly(text)
    return int(text)


def _exactly(text: str) -> ExactNumber:
    return ExactNumber(f"{_MARK}:{text}")


_DECODER = json.JSONDecoder(parse_float=_float, parse_constant=_exactly)
_EXACT_DECODER = json.JSONDecoder(parse_float=_float, parse_constant=_exactly, parse_int=_integer)
_ENCODERS = {
    (compact, is_ascii): json.JSONEncoder(separators=(",", ":") if compact else (", ", ": "), ensure_ascii=is_ascii)
    for compact in (False, True)
    for is_ascii in (False, True)
}
