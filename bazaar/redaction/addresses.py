"""Find e-mail and IP addresses in text, and put `[removed]` in their place.

In doubt an address goes: four numbers are a version only where the text or the key says so. What stays:

- `v1.2.3.4`, `version 1.2.3.4`, `release=1.2.3.4`: a word for a version stands directly before;
- `Chrome/120.0.0.0`: a capitalised product and a slash stand before (`host/192.0.2.1` and `//192.0.2.1` go);
- `1.2.3.4-beta`, `1.2.3.4-rc.1`: a hyphen and a word for a pre-release stand directly after;
- `1.2.3.4` as the whole value under a key for a version (`in_version`);
- `1.2.3.4.5`, `256.1.1.1` and `lib1.2.3.4`, which are no addresses;
- `12:30:45`, hashes and MAC addresses, which are no IPv6 addresses;
- `::` and words with colons and no digit (`dead::beef`), which are more often code than addresses;
- `lodash@4.17.21` and `root@localhost`: without a top-level domain of letters there is no e-mail address. Addresses
  that are known to be somebody's are removed whatever they look like.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Collection

from bazaar.redaction.lexicon import NOT_PRODUCTS, VERSION

REMOVED = "[removed]"

# A part of an address is whatever does not end it, so that every alphabet, with its combining marks, is in.
_END = r"\s@＠﹫<>()\[\]{},;:\"`|\\/=&?“”„«»‘’、，：；！？（）…–—"
_LOCAL = rf"(?:\"[^\"\s@]{{1,64}}(?: [^\"\s@]{{1,64}}){{0,4}}\"|(?<![^{_END}'*])(?!['*])(?:(?!%40)[^{_END}])++)"
_NO_HOST = rf"{_END}.。．!'*+%$#^~_"
_TOP_LEVEL = rf"(?=[^\W\d])(?:xn--[a-z0-9-]{{1,59}}|[^{_NO_HOST}\d-]{{2,63}})"
_HOST = rf"(?:(?:_|[^{_NO_HOST}]){{1,63}}[.。．]){{1,10}}{_TOP_LEVEL}|\[(?:IPv6:)?[0-9a-f:.]{{2,45}}\]"
_EMAIL = re.compile(rf"{_LOCAL}(?:[@＠﹫]|%40)(?:{_HOST})", re.IGNORECASE)
# An address may follow a letter or a digit that is the end of an escape, as in `\\n192.0.2.1` and `%20192.0.2.1`.
_IPV4 = re.compile(
    r"(?:(?<![^\W_])(?<!\d\.)|(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f]{2}))"
    r"(\d{1,3}(?:\.\d{1,3}){3})(/\d{1,2}(?![\d.]))?(?!\.?\d)(?![^\W_])"
)
_IPV6 = re.compile(
    r"(?P<open>\[?)(?P<run>(?:(?<![^\W_])[0-9A-Fa-f]|:)[0-9A-Fa-f:.]*+)"
    r"(?P<zone>%[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*+)?(?P<close>\]?)(?P<net>/\d{1,3}(?!\d))?(?![^\W_])"
)
_VERSION_BEFORE = re.compile(rf"(?i:(?<![^\W_])(?:v|{'|'.join(sorted(VERSION))})[\s.:=#\"'_-]{{0,3}})$")
_PRODUCT_BEFORE = re.compile(r"(?<![\w/.-])([A-Z][A-Za-z0-9_]*)/$")
_PRE_RELEASE_AFTER = re.compile(r"[-+](?:alpha|beta|rc|preview|snapshot|nightly|canary)(?![a-z])", re.IGNORECASE)
_VERSION_ONLY = re.compile(r"\s*v?\d+(?:\.\d+){3}\s*", re.IGNORECASE)
_LOOK_BEHIND = 40  # characters: the longest product name that is looked for


def clean_text(text: str, *, known: re.Pattern[str] | None = None, in_version: bool = False) -> str:
    """Return `text` with `[removed]` for every address in it; the same object if there is none.

    `known` finds literal addresses besides (see `known_addresses`). `in_version` says that the text stands under a key
    for a version. What a removal lays bare is looked at again, so that cleaning twice is cleaning once.
    """
    has_email = "@" in text or "%40" in text or (not text.isascii() and ("＠" in text or "﹫" in text))
    has_ipv4 = text.count(".") >= 3  # noqa: PLR2004 - dots of an address
    has_ipv6 = text.count(":") >= 2  # noqa: PLR2004 - colons of the shortest address
    if not (has_email or has_ipv4 or has_ipv6):
        return text
    cleaned = text
    if has_email:
        cleaned = _EMAIL.sub(REMOVED, cleaned)
        if known is not None:
            cleaned = known.sub(REMOVED, cleaned)
    if has_ipv6:
        cleaned = _IPV6.sub(_without_ipv6, cleaned)
    if has_ipv4 and not (in_version and _VERSION_ONLY.fullmatch(cleaned)):
        cleaned = _IPV4.sub(_without_ipv4, cleaned)
    if cleaned == text:
        return text
    return clean_text(cleaned, known=known, in_version=in_version)


def known_addresses(addresses: Collection[str]) -> re.Pattern[str] | None:
    """Return a pattern that finds these e-mail addresses in any case and composition (NFC, NFD), or None for none."""
    forms = {
        unicodedata.normalize(form, address.strip())
        for address in addresses
        if "@" in address
        for form in ("NFC", "NFD")
    }
    if not forms:
        return None
    either = "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
    return re.compile(rf"(?<![\w.+-])(?:{either})(?![\w-])", re.IGNORECASE)


def _without_ipv4(match: re.Match[str]) -> str:
    octets = [int(octet) for octet in match[1].split(".")]
    try:
        ipaddress.IPv4Address(".".join(str(octet) for octet in octets))
    except ValueError:
        return match[0]
    return match[0] if _is_version(match) else REMOVED


def _is_version(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - _LOOK_BEHIND) : match.start()]
    if _VERSION_BEFORE.search(before):
        return True
    product = _PRODUCT_BEFORE.search(before)
    if product and product[1].lower() not in NOT_PRODUCTS:
        return True
    return match[2] is None and _PRE_RELEASE_AFTER.match(match.string, match.end()) is not None


def _without_ipv6(match: re.Match[str]) -> str:
    """Keep what stands around the address: the colon of a label, a colon or a dot after it, a lone bracket."""
    run = match["run"]
    after_word = match.start("run") > 0 and match.string[match.start("run") - 1].isalnum()
    start = 1 if run.startswith(":") and (after_word or not run.startswith("::")) else 0
    address = run[start:].rstrip(".")
    if address.endswith(":") and not address.endswith("::"):
        address = address[:-1]
    if not _is_ipv6(address):
        address = address.partition(".")[0]  # as in `2001:db8::1.53`
    if not _is_ipv6(address):
        return match[0]
    rest = run[start + len(address) :]
    opening, closing = match["open"], match["close"]
    if opening and closing and not start and not rest:
        opening = closing = ""
    return f"{opening}{run[:start]}{REMOVED}{rest}{closing}"


def _is_ipv6(text: str) -> bool:
    """Tell whether the text is an IPv6 address, with a digit in it and something behind or before its `::`."""
    colons = text.count(":")
    if "::" not in text and colons != 7 and not (colons == 6 and "." in text):  # noqa: PLR2004 - groups of an address
        return False
    if text.startswith("::") and text.endswith("::"):
        return False
    if not any(c.isdigit() for c in text) or (colons == 2 and text.endswith("::")):  # noqa: PLR2004 - `1::` is an item
        return False
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
