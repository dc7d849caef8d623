"""Find IP addresses in a text.

In doubt an address goes: four numbers are a version only where the text or the key says so. What stays:

- `v1.2.3.4`, `version 1.2.3.4`, `release=1.2.3.4`: a word for a version stands directly before;
- `Chrome/120.0.0.0`: a capitalised product and a slash stand before (`host/192.0.2.1` and `//192.0.2.1` go);
- `1.2.3.4-beta`, `1.2.3.4-rc.1`: a hyphen and a word for a pre-release stand directly after;
- `1.2.3.4` as the whole value under a key for a version (`in_version`);
- `1.2.3.4.5`, `256.1.1.1` and `lib1.2.3.4`, which are no addresses;
- `12:30:45`, hashes and MAC addresses, which are no IPv6 addresses;
- `::`, and short or capitalised words with colons (`Bad::Face`), which are more often code than addresses.
"""

import ipaddress
import re
from collections.abc import Iterator

from bazaar.redaction.lexicon.data import VERSION
from bazaar.redaction.lexicon.texts import NOT_PRODUCTS

Found = tuple[int, int, str]
"""Where an address begins and ends, and the address in one form."""

_IPV4 = re.compile(r"(?<![^\W_])(?<!\d\.)(\d{1,3}(?:\.\d{1,3}){3})(/\d{1,2}(?![\d.]))?(?!\.?\d)(?![^\W_])")
_VERSION_BEFORE = re.compile(rf"(?i:(?<![^\W_])(?:v|oid|{'|'.join(sorted(VERSION))})[\s.:=#\"'_-]{{0,3}})\Z")
_PRODUCT_BEFORE = re.compile(r"(?<![\w/.-])([A-Z][A-Za-z0-9_]*)/\Z")
_PRE_RELEASE_AFTER = re.compile(r"[-+](?:alpha|beta|rc|preview|snapshot|nightly|canary)(?![a-z])", re.IGNORECASE)
_VERSION_ONLY = re.compile(r"\s*v?\d+(?:\.\d+){3}\s*", re.IGNORECASE)
_LOOK_BEHIND = 40  # characters: the longest product name that is looked for

_RUN = re.compile(r"[0-9A-Fa-f:.]+")
_ZONE = re.compile(r"%[0-9A-Za-z_-]{1,32}(?:\.[0-9A-Za-z_-]{1,16}){0,2}")
_PORT = re.compile(r":\d{1,5}\Z")
_NET = re.compile(r"/\d{1,3}(?!\d)")
_LONGEST = 45
_GROUPS = 8
_WORD = 6  # letters: shorter ones without a digit are code


def find(text: str, *, in_version: bool = False) -> Iterator[Found]:
    """Yield the IP addresses in a text, those of version 6 first; none lies within another of its version."""
    if text.count(":") >= 2:  # noqa: PLR2004 - colons of the shortest address
        yield from _ipv6(text)
    if text.count(".") >= 3 and not (in_version and _VERSION_ONLY.fullmatch(text)):  # noqa: PLR2004 - dots of an address
        yield from _ipv4(text)


def _ipv4(text: str) -> Iterator[Found]:
    for match in _IPV4.finditer(text):
        octets = list(map(int, match[1].split(".")))
        if max(octets) <= 0xFF and not _is_version(match):  # noqa: PLR2004 - a byte
            yield *match.span(), ".".join(map(str, octets))


def _is_version(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - _LOOK_BEHIND) : match.start()]
    if _VERSION_BEFORE.search(before):
        return True
    product = _PRODUCT_BEFORE.search(before)
    if product and product[1].lower() not in NOT_PRODUCTS:
        return True
    return match[2] is None and _PRE_RELEASE_AFTER.match(match.string, match.end()) is not None


def _ipv6(text: str) -> Iterator[Found]:
    done = 0
    for run in _RUN.finditer(text):
        start, end = max(run.start(), done), run.end()
        if text.count(":", start, end) < 2 or _goes_on(text, end):  # noqa: PLR2004 - colons of the shortest address
            continue
        for first, last in _pieces(text, _behind_label(text, start, done), end):
            found = _with_brackets(text, first, last)
            yield found
            done = found[1]


def _goes_on(text: str, end: int) -> bool:
    return text[end : end + 1].isalnum()


def _behind_label(text: str, start: int, done: int) -> int:
    """Return where an address can begin: behind the colon of a label, as in `ip:2001:db8::1`."""
    if start > done and text[start - 1].isalnum():
        return text.index(":", start) + 1
    return start + 1 if text.startswith(":", start) and not text.startswith("::", start) else start


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where addresses stand in a run of hexadecimal digits, colons and dots."""
    run = _without_end(text[start:end])
    without_port = _PORT.sub("", run)
    for candidate in (run, without_port) if _has_long_group(without_port) else (run,):
        if _is_address(candidate, text, start):
            yield start, start + len(candidate)
            return
    for piece in run.split(".") if "." in run else ():
        address = _without_end(piece)
        if _is_address(address, text, start):
            yield start, start + len(address)
        start += len(piece) + 1


def _without_end(run: str) -> str:
    run = run.rstrip(".")
    return run[:-1] if run.endswith(":") and not run.endswith("::") else run


def _has_long_group(run: str) -> bool:
    """Tell whether what is left without a port is no string of bytes: one group has three or four digits."""
    return any(len(group) > 2 for group in run[:_LONGEST].split(":"))  # noqa: PLR2004 - digits of a byte


def _is_address(run: str, text: str, start: int) -> bool:
    if len(run) > _LONGEST or not _may_be_address(run):
        return False
    if not any(c.isdigit() for c in run) and not _is_no_code(run, text, start):
        return False
    try:
        ipaddress.IPv6Address(run)
    except ValueError:
        return False
    return True


def _may_be_address(run: str) -> bool:
    """Tell whether there are enough groups, and more than `1::`, which is an item of a list."""
    colons = run.count(":")
    if "::" not in run:
        return colons == _GROUPS - 1 or (colons == _GROUPS - 2 and "." in run)
    return not (run.startswith("::") and run.endswith("::")) and not (colons == 2 and run.endswith("::"))  # noqa: PLR2004


def _is_no_code(run: str, text: str, start: int) -> bool:
    """Tell whether hexadecimal letters are an address, and no names with colons between them."""
    if text[start - 1 : start] == "[" and re.match(r"\]:\d", text[start + len(run) : start + len(run) + 3]):
        return True
    letters = len(run) - run.count(":")
    return run in {run.lower(), run.upper()} and (letters > _WORD or run.count(":") > 2)  # noqa: PLR2004


def _with_brackets(text: str, start: int, end: int) -> Found:
    """Return an address with its zone, its network, and the brackets around it."""
    address = str(ipaddress.IPv6Address(text[start:end]))
    zone = _ZONE.match(text, end)
    end = zone.end() if zone else end
    if text[start - 1 : start] == "[" and text[end : end + 1] == "]":
        start, end = start - 1, end + 1
    net = _NET.match(text, end)
    return start, net.end() if net else end, address
