"""A list of addresses in one text, and their schemes."""

import re
from collections.abc import Iterable

SCHEME = re.compile(r"[a-z][a-z0-9]{0,39}(?=://)")
SEPARATOR = re.compile(r"[,\s]+(?=[a-z][a-z0-9]*://)", flags=re.IGNORECASE)


def split(addresses: str | Iterable[str]) -> list[str]:
    """Return the addresses of a text, in which commas or spaces separate them. An address may have commas itself."""
    if not isinstance(addresses, str):
        return [address for text in addresses for address in split(text)]
    return [part for text in SEPARATOR.split(addresses) if (part := text.strip(" ,"))]


def scheme_of(address: str) -> str:
    """Return the scheme of an address in small letters; a blank text where it has none."""
    found = SCHEME.match(address.lower())
    return found[0] if found else ""
