"""Clean texts that are documents themselves: JSON, query strings, form bodies, and blocks of header lines."""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote_plus

from bazaar.redaction import keys as k
from bazaar.redaction.addresses import REMOVED
from bazaar.redaction.documents import Json, Unreadable, dump, parse
from bazaar.redaction.lexicon import HEADERS, NOT_NAMES
from bazaar.redaction.words import words

Clean = Callable[[Json], Json]

_MAY_BE_EMBEDDED = re.compile(r"[{=]|^\s*\[|[\w-]:\s")
_OPENING = re.compile(r"[{\[]")
_TRIES = 3
_KEY = r"[A-Za-z_$][\w.$\[\]%+-]{0,63}"
_PARAMETER = re.compile(rf"(?:(?<=[?&;#])|(?<![^\s\"'(]))(?P<key>{_KEY})=(?P<value>\"[^\"]*\"|[^&;\s#\"'<>]*)")
_HEADER = re.compile(r"^(?P<key>[A-Za-z][\w -]{0,40}):[ \t]*(?P<value>[^\r\n]*)", re.MULTILINE)
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


def clean_embedded(text: str, clean: Clean) -> tuple[str, bool]:
    """Return a text without what its structure tells to be personal, and whether nothing else is left to be looked at.

    `clean` cleans a document. The same object is returned where nothing goes.
    """
    if not _MAY_BE_EMBEDDED.search(text):
        return text, False
    stripped = text.strip()
    if stripped[:1] in {"{", "["} and stripped[-1:] in {"}", "]"}:
        cleaned = _clean_json(text, clean)
        if cleaned is not None:
            return cleaned, True
    cleaned = _clean_parameters(text, clean) if "=" in text else text
    cleaned = _clean_headers(cleaned) if ":" in cleaned else cleaned
    return (text if cleaned == text else cleaned), False


def _clean_json(text: str, clean: Clean) -> str | None:
    """Return a cleaned JSON text; `None` for what is no JSON."""
    try:
        document = parse(text)
        cleaned = clean(document)
        return text if cleaned is document else dump(cleaned, like=text)
    except Unreadable:
        return None


def _clean_parameters(text: str, clean: Clean) -> str:
    """Clean `key=value`, where it is a parameter of a URL, a form, or one of several in a line of a log."""
    is_list = text.count("=") > 1 or "?" in text or "&" in text or _PARAMETER.fullmatch(text.strip()) is not None

    def cleaned(match: re.Match[str]) -> str:
        value = match["value"].strip('"')
        facts = k.facts_of(unquote_plus(match["key"])) if is_list else 0
        if facts & k.PERSONAL or (facts & (k.PERSON | k.PEOPLE) and _is_reference(value)):
            return match[0] if value in {"", REMOVED} else f"{match['key']}={REMOVED}"
        return f"{match['key']}={_clean_value(match['value'], clean)}"

    return _PARAMETER.sub(cleaned, text)


def _clean_value(value: str, clean: Clean) -> str:
    """Clean a document that is the value of a parameter, and write it as it was."""
    plain = unquote_plus(value)
    if plain[:1] not in {"{", "["} and not ("=" in plain and plain != value):
        return value
    cleaned, _ = clean_embedded(plain, clean)
    if cleaned is plain:
        return value
    return quote(cleaned, safe="") if _ENCODED.search(value) else cleaned


def _is_reference(value: str) -> bool:
    return any(c.isalnum() for c in value) and value.casefold() not in NOT_NAMES


def _clean_headers(text: str) -> str:
    """Clean lines of a name, a colon and a value: several of them, or one whose name is that of a header."""
    lines = text.count("\n") + 1
    is_block = lines > 1 and 2 * sum(1 for _ in _HEADER.finditer(text)) > lines

    def cleaned(match: re.Match[str]) -> str:
        key, value = match["key"], match["value"].strip()
        if value in {"", REMOVED} or not _is_personal_header(key, is_block=is_block):
            return match[0]
        return f"{match[0][: match.start('value') - match.start()]}{REMOVED}"

    return _HEADER.sub(cleaned, text)


def _is_personal_header(key: str, *, is_block: bool) -> bool:
    facts = k.facts_of(key)
    first = words(key)[:1]
    if is_block:
        return bool(facts & (k.PERSONAL | k.PERSON)) or (bool(first) and first[0] in HEADERS)
    return ("-" in key and bool(facts & k.PERSONAL)) or key.casefold() in {"cookie", "authorization", "set-cookie"}
