"""Columns whose content no database can search: pickles, and packages that are signed, packed and encoded.

Nothing is unpickled: that would run what somebody stored, and a class that is no longer there would end the erasure.
A pickle has every text as it is, and its texts can be listed without running it.
"""

import struct
import zlib
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

LONGEST = 32 * 1024 * 1024
"""The most bytes that a packed column is unpacked to: a few kilobytes may pack gigabytes."""


def raw(rows: QuerySet[Any], fields: Sequence[str]) -> tuple[QuerySet[Any], list[str]]:
    """Return the rows with the packed columns as the texts that the database holds, and the names of these."""
    texts = {f"raw_{name}": Cast(name, TextField()) for name in fields}
    return rows.annotate(**texts), list(texts)


def texts_in(value: str) -> Iterator[str]:
    """Yield the texts in a pickled column, or in a signed package of JSON or a pickle."""
    content = _unpacked(value)
    yield from _texts(content) if content else ()
    yield value


def _unpacked(value: str) -> bytes:
    packed, is_signed, _ = value.partition(":")
    body = packed.removeprefix(".")
    try:
        if not is_signed:
            return b64decode(value)
        content = urlsafe_b64decode(body + "=" * (-len(body) % 4))
        return zlib.decompressobj().decompress(content, LONGEST) if packed.startswith(".") else content
    except (ValueError, zlib.error):
        return b""


def _texts(content: bytes) -> Iterator[str]:
    import pickletools  # nothing is loaded # nosec B403

    try:
        for _, argument, _ in pickletools.genops(content):
            if isinstance(argument, str | bytes | bytearray):
                yield argument if isinstance(argument, str) else argument.decode(errors="replace")
    except (ValueError, LookupError, ArithmeticError, EOFError, struct.error):  # it is no pickle, or not to its end
        yield content.decode(errors="replace")
