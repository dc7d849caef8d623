"""Domains as they stand in texts: where one ends, whether a longer one goes on, and one form for all its spellings."""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

from bazaar.redaction.lexicon.texts import FILE_TYPES, RESERVED_DOMAINS
from bazaar.redaction.readings import fold

LONGEST = 255
_LONGEST_LABEL = 63
SPACELESS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters that stand beside a Latin word without a space: Thai, Chinese, Japanese, Korean, and their neighbours."""
_END_OF_LABEL = re.compile(r"[0-9_-]")
_END_BEFORE_WORD = re.compile(rf"[0-9_-]|(?<=[a-z]){SPACELESS.pattern}")
_TOP_LEVEL = re.compile(r"(?:xn--[a-z0-9-]{1,59}|[^\W\d_](?:[^\W\d_]|[^\x00-\x7f]){1,62})")
_VERSION = re.compile(r"v?\d+\.\d+\.\d+(?:[-+.].*)?|\d+\.\d+(?:\.x)?-.*")


def canonical(domain: str) -> str:
    """Return a domain in one form: folded, in Unicode where it is punycode, without a dot at its end."""
    return ".".join(map(canonical_label, fold(domain).rstrip(".").split(".")))


@lru_cache(maxsize=4096)
def canonical_label(label: str) -> str:
    """Return a folded label in Unicode: `xn--jrg-sna` is `jörg`. One that is no punycode stays as it is."""
    if not label.startswith("xn--") or len(label) > _LONGEST_LABEL:
        return label
    decoded = _decoded_label(label)
    return label if decoded == label else fold(decoded)


def spellings_of_domain(domain: str) -> set[str]:
    """Return the forms in which a domain may be stored: in Unicode, and in ASCII by either standard (2003, 2008)."""
    in_unicode = ".".join(map(_decoded_label, domain.rstrip(".").split(".")))
    in_ascii = ".".join(map(_encoded_label, in_unicode.split(".")))
    forms = {domain, in_unicode, in_ascii}
    with suppress(UnicodeError):  # a label that no domain can have
        forms.add(in_unicode.encode("idna").decode())
    return forms


def _decoded_label(label: str) -> str:
    try:
        return codecs.decode(label[4:].encode("ascii"), "punycode") if label.startswith("xn--") else label
    except (UnicodeError, ValueError, OverflowError):
        return label


def _encoded_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def host_end(labels: list[str]) -> tuple[int, int]:
    """Return with how many labels, and how many characters of the last of them, a domain ends; (0, 0) if there is none.

    The longest that ends in a top-level domain of the world; else the longest that could end in one of an internal
    network. `example.org.and` ends after two, and so does `example.org1`.
    """
    if _VERSION.fullmatch(".".join(labels[:8])):
        return 0, 0
    possible = (0, 0)
    for number in range(len(labels), 1, -1):
        length = _top_level(labels[number - 1])
        if not length:
            continue
        is_whole = length == len(labels[number - 1])
        if is_top_level(labels[number - 1][:length]) and (is_whole or number == len(labels)):
            return number, length
        if possible == (0, 0):
            possible = number, length
    return (0, 0) if labels[-1] in FILE_TYPES else possible


def _top_level(label: str) -> int:
    """Return how many characters of a label can be a top-level domain; 0 for none."""
    match = _TOP_LEVEL.match(label)
    return match.end() if match else 0


@lru_cache(maxsize=4096)
def is_top_level(label: str) -> bool:
    """Tell whether domains end in this (folded) label, in the world or in an internal network."""
    label = canonical_label(label)
    return label in RESERVED_DOMAINS or (bool(label) and _public_suffixes().is_public(label))


def beginnings(host: str) -> Iterator[tuple[int, str]]:
    """Yield the lengths and the canonical forms of the domains that a host begins with, the longest first."""
    labels = host.split(".")
    canonical_labels = list(map(canonical_label, labels))
    for number in range(len(labels), 0, -1):
        before, last = canonical_labels[: number - 1], labels[number - 1]
        length = len(".".join(labels[:number]))
        yield length, ".".join(canonical_labels[:number])
        part = _END_BEFORE_WORD.search(last, 1)
        if part:
            yield length - len(last) + part.start(), ".".join([*before, last[: part.start()]])


def goes_on(rest: str) -> bool:
    """Tell whether what directly follows a domain makes it another, longer one.

    `.uk` does; `1`, `.and`, and a word that stands beside it without a space do not.
    """
    rest = rest.rstrip(".-_")
    if not rest:
        return False
    if SPACELESS.match(rest):
        return "." in rest and is_top_level(rest.rpartition(".")[2])
    if not _END_OF_LABEL.match(rest) and not rest.startswith("."):
        return True
    *_, last = rest.split(".")
    return is_top_level(last)


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
