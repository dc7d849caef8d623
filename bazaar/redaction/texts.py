"""Clean a text of what is personal in it, whatever it is about."""

import re

from bazaar.redaction.addresses import REMOVED, AddressSet, Mention, find_addresses, outermost, without
from bazaar.redaction.domains import host_end
from bazaar.redaction.names import names_before
from bazaar.redaction.paths import find_in_paths, may_hold_person
from bazaar.redaction.readings import may_be_encoded
from bazaar.redaction.typed_ids import find_typed_ids
from bazaar.redaction.values import find_userinfo, find_values

_PASSES = 6
_MAY_HOLD_ADDRESS = re.compile(r"[@%&\\＠﹫]|[^\x00-\x7f]|=[0-9A-F]")
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_PLAIN_IP = re.compile(rf"(?<=\b(?:from|host|peer) ){_BYTE}(?:\.{_BYTE}){{3}}(?![^\s),;])")
_DOTS = 3
_PLAIN_WORDS = r"(?:[A-Za-z _/,;!?-]++|\[removed\]|\.(?= |\Z))*+"
_PLAIN_TEXT = re.compile(rf"{_PLAIN_WORDS}(?:(?<![A-Za-z][-_/])\d{{1,3}}+{_PLAIN_WORDS}){{0,2}}+")
_HARMLESS = re.compile(
    r"[a-z0-9]*+(?<=[a-z])\.[a-z]{2,4}"  # the name of a file
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)?"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?:/[a-z_-]{1,40}|/\d{1,14}){1,8}/?"
    r"|\d{1,4}(?:\.\d{1,5}){0,2}"
)
_PLAIN_EMAIL = re.compile(
    r"(?<![^\s(,;])[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63})(?![^\s),;])"
)


def clean_text(text: str, *, known: AddressSet | None = None, in_version: bool = False) -> str:
    """Return `text` with `[removed]` for everything personal in it; the same object if there is none.

    `known` finds certain addresses besides. `in_version` says that the text stands under a key for a version. What a
    removal lays bare is looked at again, so that cleaning twice is cleaning once; a text that still has something to
    remove after the sixth time was made for that, and goes as a whole.
    """
    cleaned = _without_plain_addresses(text) if "@" in text or text.count(".") >= _DOTS else text
    if cleaned is not text and known is None and says_nothing(cleaned):
        return cleaned
    for _ in range(_PASSES):
        mentions = _mentions(cleaned, known, in_version=in_version)
        if not mentions:
            return cleaned
        cleaned = without(cleaned, mentions)
    return REMOVED


def is_plain_word(text: str) -> bool:
    """Tell whether a text is nothing but small letters and digits, with a letter: `art`, or the digits of a hash."""
    return text.isalnum() and text.islower() and text.isascii()


def says_nothing(text: str) -> bool:
    """Tell whether a text is too plain to tell anything personal: words with two short
    numbers at most, a time, a version, a path, or the number of a thing."""
    if text.isalnum() and text.islower() and text.isascii():
        return True
    if "@" in text:
        return False
    if _PLAIN_TEXT.fullmatch(text):
        is_path = "/" in text
        signs = "asic " in text or "earer " in text or "by user " in text
        return not (signs or (is_path and may_hold_person(text)))
    return _HARMLESS.fullmatch(text) is not None and not (text[0] == "/" and may_hold_person(text))


def _without_plain_addresses(text: str) -> str:
    """Return a text without the addresses that stand apart in it and are encoded in no way: most of them."""
    if "<" in text or may_be_encoded(text):  # there may be a name before the address
        return text
    return _PLAIN_IP.sub(REMOVED, _PLAIN_EMAIL.sub(_removed_if_whole, text))


def _removed_if_whole(match: re.Match[str]) -> str:
    labels = match[1].lower().split(".")
    return REMOVED if host_end(labels) == (len(labels), len(labels[-1])) else match[0]


def _mentions(text: str, known: AddressSet | None, *, in_version: bool) -> list[Mention]:
    """Return what is personal in a text; values only where there is no address any more, which may look like one."""
    if may_hold_address(text):
        addresses = find_addresses(text, in_version=in_version)
        found = [*addresses, *names_before(text, addresses), *find_userinfo(text), *(known.find(text) if known else ())]
        if found:
            return outermost(found)
    found = [*find_values(text), *find_typed_ids(text)]
    return outermost([*found, *find_in_paths(text)] if "/" in text or "\\" in text else found)


def may_hold_address(text: str) -> bool:
    """Tell whether an address may stand in a text; a no is certain."""
    return text.count(".") >= _DOTS or text.count(":") >= 2 or _MAY_HOLD_ADDRESS.search(text) is not None  # noqa: PLR2004
