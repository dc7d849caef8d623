"""Clean a text of what is personal in it."""

import re

from bazaar.redaction.addresses import REMOVED, AddressSet, find_addresses, outermost, without

_PASSES = 4
_MAY_HOLD_ADDRESS = re.compile(r"[@%&\\＠﹫]|[^\x00-\x7f]|=[0-9A-F]")


def clean_text(text: str, *, known: AddressSet | None = None, in_version: bool = False) -> str:
    """Return `text` with `[removed]` for every address in it; the same object if there is none.

    `known` finds certain addresses besides. `in_version` says that the text stands under a key for a version. What a
    removal lays bare is looked at again, so that cleaning twice is cleaning once; a text that still has something to
    remove after the fourth time was made for that, and goes as a whole.
    """
    if not _may_hold_address(text):
        return text
    cleaned = text
    for _ in range(_PASSES):
        mentions = find_addresses(cleaned, in_version=in_version)
        if known:
            mentions = outermost([*mentions, *known.find(cleaned)])
        if not mentions:
            return cleaned
        cleaned = without(cleaned, mentions)
    return REMOVED


def _may_hold_address(text: str) -> bool:
    return text.count(".") >= 3 or text.count(":") >= 2 or _MAY_HOLD_ADDRESS.search(text) is not None  # noqa: PLR2004
