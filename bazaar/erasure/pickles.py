"""Columns whose content no database can search: pickles, and packages that are signed, packed and encoded.

Nothing is unpickled: that would run what somebody stored, and a class that is no longer there would end the erasure.
A pickle has every text as it is, and its texts can be listed without running it.
"""

import pickletools
import struct
import zlib
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from bazaar.erasure.address_pattern import AddressPattern
from bazaar.erasure.rewrite import pages


def mentioning(rows: QuerySet[Any], fields: tuple[str, ...], pattern: AddressPattern, chunk: int) -> list[Any]:
    """Return the primary keys of the rows in whose fields an address stands."""
    raw = {f"raw_{name}": Cast(name, TextField()) for name in fields}
    return [
        row[0]
        for page in pages(rows.annotate(**raw), list(raw), chunk)
        for row in page
        if any(is_mentioned(str(value), pattern) for value in row[1:] if value)
    ]


def is_mentioned(value: str, pattern: AddressPattern) -> bool:
    """Tell whether an address stands in a pickled column's text, or in a signed package of JSON or a pickle."""
    content = _unpacked(value)
    if not pattern.may_be_in(content):
        return pattern.is_in(value)
    return any(pattern.is_in(text) for text in _texts(content))


def _unpacked(value: str) -> bytes:
    packed, is_signed, _ = value.partition(":")
    body = packed.removeprefix(".")
    try:
        if not is_signed:
            return b64decode(value)
        content = urlsafe_b64decode(body + "=" * (-len(body) % 4))
        return zlib.decompress(content) if packed.startswith(".") else content
    except (ValueError, zlib.error):
        return b""


def _texts(content: bytes) -> Iterator[str]:
    try:
        for _, argument, _ in pickletools.genops(content):
            if isinstance(argument, str | bytes | bytearray):
                yield argument if isinstance(argument, str) else argument.decode(errors="replace")
    except (ValueError, LookupError, ArithmeticError, EOFError, struct.error):  # it is no pickle, or not to its end
        yield content.decode(errors="replace")
