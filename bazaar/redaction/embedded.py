"""Clean texts that are documents themselves: JSON, query strings, form bodies, and blocks of header lines."""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote_plus

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import REMOVED, outermost, without
from bazaar.redaction.blocks import clean_block
from bazaar.redaction.cards import clean_card, is_card
from bazaar.redaction.documents import Json, Unreadable, dump, parse
from bazaar.redaction.lexicon.persons import NOT_NAMES
from bazaar.redaction.log_lines import find_in_lines, may_be_line
from bazaar.redaction.records import find_in_records
from bazaar.redaction.sql import find_inserted, may_be_insert
from bazaar.redaction.text_tables import clean_table

Clean = Callable[[Json], Json]

_KEY = r"[A-Za-z_$][\w.$\[\]%+-]{0,63}"
_PARAMETER = re.compile(
    rf"(?:(?<=[?&;#|])|(?<![^\s\"'(,-]))(?P<key>{_KEY})(?P<is>=| = (?=[\"'\d]))"
    rf"(?P<value>\"[^\"]*\"|'[^']*'|<[^<>\s]{{1,200}}>|[^&;\s#\"'<>]*)"
)
_QUOTE = r"\\{0,3}[\"']"
_QUOTED_PAIR = re.compile(
    rf"(?P<quote>{_QUOTE})(?P<key>[A-Za-z_][\w .-]{{0,40}})(?P=quote)\s{{0,3}}(?::|=>|=|,)\s{{0,3}}"
    rf"(?:(?P<open>{_QUOTE})(?P<value>[^\n\"']{{0,500}}?)(?P=open)|(?P<number>-?\d[\d.]{{0,30}}))"
)
_ELEMENT = re.compile(r"<(?:[\w.-]{1,40}:)?(?P<key>[A-Za-z][\w.-]{0,40})(?:\s[^<>]{0,200})?>(?P<value>[^<>]{1,500})</")
_PART = re.compile(r"form-data; name=\"(?P<key>[^\"\r\n]{1,60})\"\r?\n\r?\n(?P<value>[^\r\n]{1,500})")
_ACCOUNT = frozenset({"uid", "UID", "userid"})
_DEEPEST_PARAMETER = 4
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


def clean_embedded(text: str, clean: Clean, depth: int = 0) -> tuple[str, bool]:
    """Return a text without what its structure tells to be personal, and whether nothing else is left to be looked at.

    `clean` cleans a document, and `depth` says in how many parameters of one another the text stands. The same object
    is returned where nothing goes.
    """
    if not _may_be_embedded(text):
        return text, False
    stripped = text.strip()
    if stripped[:1] in {"{", "["} and stripped[-1:] in {"}", "]"}:
        cleaned = _clean_json(text, clean)
        if cleaned is not None:
            return cleaned, True
    if stripped[:3] in {"%7B", "%7b", "%5B", "%5b"}:
        return _clean_value(text, clean, depth), False
    if is_card(text):
        card = clean_card(text)
        return (text if card == text else card), False
    cleaned = clean_table(text) if "\n" in text else text
    if may_be_line(cleaned):
        cleaned = without(cleaned, outermost(find_in_lines(cleaned)))
    if may_be_insert(cleaned):
        cleaned = without(cleaned, outermost(find_inserted(cleaned)))
    cleaned = without(cleaned, outermost(find_in_records(cleaned)))
    cleaned = _clean_pairs(cleaned)
    cleaned = _clean_parameters(cleaned, clean, depth) if "=" in cleaned else cleaned
    cleaned = clean_block(cleaned) if ":" in cleaned else cleaned
    return (text if cleaned == text else cleaned), False


def _may_be_embedded(text: str) -> bool:
    has_mark = "=" in text or "{" in text or "<" in text or "[" in text or "\n" in text or "%7" in text or ": " in text
    return (
        has_mark
        or is_card(text)
        or may_be_insert(text)
        or ";s:" in text
        or ":\t" in text
        or "':" in text
        or '":' in text
        or may_be_line(text)
    )


def _clean_json(text: str, clean: Clean) -> str | None:
    """Return a cleaned JSON text; `None` for what is no JSON."""
    try:
        document = parse(text)
        cleaned = clean(document)
        return text if cleaned is document else dump(cleaned, like=text)
    except Unreadable:
        return None


def _clean_parameters(text: str, clean: Clean, depth: int) -> str:
    """Clean `key=value`, where it is a parameter of a URL, a form, or one of several in a line of a log."""
    is_list = (
        text.count("=") > 1 or "?" in text or "&" in text or _PARAMETER.fullmatch(text.strip().lstrip("-")) is not None
    )

    def cleaned(match: re.Match[str]) -> str:
        value = match["value"].rstrip(",)}").strip("\"'<>")
        facts = k.facts_of(unquote_plus(match["key"])) if is_list or match["is"] == " = " else 0
        is_account = match["key"] in _ACCOUNT and text[match.start() - 1 : match.start()] in {"?", "&"}
        if is_account or facts & f.PERSONAL or (facts & (f.PERSON | f.PEOPLE) and _is_reference(value)):
            return (
                match[0]
                if (facts & f.NAME and _is_in_element(match)) or value in {"", REMOVED}
                else f"{match['key']}{match['is']}{match['value'].replace(value, REMOVED)}"
            )
        inner = match["value"]
        if inner[:1] in {'"', "'"} and "=" in inner:  # parameters in quotes
            return f"{match['key']}{match['is']}{inner[0]}{_PARAMETER.sub(cleaned, inner[1:])}"
        return f"{match['key']}{match['is']}{_clean_value(inner, clean, depth)}"

    return _PARAMETER.sub(cleaned, text)


def _clean_pairs(text: str) -> str:
    """Clean quoted names with their values, elements of XML, and parts of a form: of documents and of pieces of one."""

    def cleaned(match: re.Match[str]) -> str:
        found = match.groupdict()
        facts, value = k.facts_of(match["key"]), found["value"] or found.get("number") or ""
        if not facts & (f.PERSONAL | f.PERSON) or not _is_reference(value):
            return match[0]
        start, end = match.span("value") if found["value"] else match.span("number")
        mark = REMOVED if found["value"] else f'"{REMOVED}"'
        return f"{match[0][: start - match.start()]}{mark}{match[0][end - match.start() :]}"

    for pattern, sign in ((_QUOTED_PAIR, ":"), (_QUOTED_PAIR, "=>"), (_ELEMENT, "</"), (_PART, "form-data")):
        if sign in text:
            text = pattern.sub(cleaned, text)
    return text


def _is_in_element(match: re.Match[str]) -> bool:
    """Tell whether a parameter is the attribute of an element, where the element tells whose name it is (`records`)."""
    return "<" in match.string and match["value"][:1] == '"'


def _clean_value(value: str, clean: Clean, depth: int) -> str:
    """Clean a document that is the value of a parameter, and write it as it was."""
    plain = unquote_plus(value)
    if depth == _DEEPEST_PARAMETER:
        return value
    if plain[:1] not in {"{", "["} and not ("=" in plain and plain != value):
        return value
    cleaned, _ = clean_embedded(plain, clean, depth + 1)
    if cleaned is plain:
        return value
    return quote(cleaned, safe="") if _ENCODED.search(value) else cleaned


def _is_reference(value: str) -> bool:
    return any(c.isalnum() for c in value) and value.casefold() not in NOT_NAMES and value != REMOVED
