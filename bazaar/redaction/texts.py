"""Clean a text of what is personal in it, whatever it is about."""

import re

from bazaar.redaction.addresses import REMOVED, AddressSet, Mention, find_addresses, outermost, without
from bazaar.redaction.domains import host_end
from bazaar.redaction.names import names_before
from bazaar.redaction.values import find_values

_PASSES = 4
_MAY_HOLD_ADDRESS = re.compile(r"[@%&\\＠﹫]|[^\x00-\x7f]|=[0-9A-F]")
_PLAIN_EMAIL = re.compile(r"[A-Za-z0-9._+-]{1,64}@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,})")
_APART = " \t\r\n<>\"'(),;"


def clean_text(text: str, *, known: AddressSet | None = None, in_version: bool = False) -> str:
    """Return `text` with `[removed]` for everything personal in it; the same object if there is none.

    `known` finds certain addresses besides. `in_version` says that the text stands under a key for a version. What a
    removal lays bare is looked at again, so that cleaning twice is cleaning once; a text that still has something to
    remove after the fourth time was made for that, and goes as a whole.
    """
    cleaned = text
    for _ in range(_PASSES):
        if (plain := _PLAIN_EMAIL.fullmatch(cleaned)) and host_end(plain[1].lower().split("."))[0]:
            return REMOVED
        mentions = _mentions(cleaned, known, in_version=in_version)
        if not mentions:
            return cleaned
        are_apart = all(_is_apart(cleaned, mention) for mention in mentions)
        cleaned = without(cleaned, mentions)
        if are_apart:
            return cleaned
    return REMOVED


def is_plain_word(text: str) -> bool:
    """Tell whether a text is nothing but small letters and digits, with a letter: `art`, or the digits of a hash."""
    return text.isalnum() and text.islower() and text.isascii()


def _mentions(text: str, known: AddressSet | None, *, in_version: bool) -> list[Mention]:
    found = list(find_values(text))
    if may_hold_address(text):
        addresses = find_addresses(text, in_version=in_version)
        found += addresses
        found += names_before(text, addresses)
        found += known.find(text) if known else ()
    return outermost(found) if found else found


def may_hold_address(text: str) -> bool:
    """Tell whether an address may stand in a text; a no is certain."""
    return text.count(".") >= 3 or text.count(":") >= 2 or _MAY_HOLD_ADDRESS.search(text) is not None  # noqa: PLR2004


def _is_apart(text: str, mention: Mention) -> bool:
    """Tell whether nothing around a mention can become one when it is gone."""
    return text[mention.start - 1 : mention.start] in _APART and text[mention.end : mention.end + 1] in _APART
