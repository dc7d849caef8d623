"""Clean cards, calendars and messages of hospitals in texts (vCard, iCalendar, HL7)."""

import re

from bazaar.redaction.addresses import REMOVED
from bazaar.redaction.lexicon.structures import VCARD

_LINE = re.compile(
    r"(?m:^)(?P<name>(?:[\w-]{1,40}\.)?[A-Za-z-]{1,40})(?P<parameters>(?:;[\w-]{1,40}(?:=(?:\"[^\"\n]*\"|[^\":;\n]*))?)*)"
    r":(?P<value>[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)"
)
_NAME_OF_PERSON = re.compile(r"(?i:;(?:cn|email|sent-by|dir)=)(?P<value>\"[^\"\n]*\"|[^\":;\n]*)")
_ONLY_OF_CARDS = frozenset({"n", "uid", "title", "note", "key"})


_SEGMENT = re.compile(r"(?:(?<=[\r\n])|^)(?P<name>PID|NK1|GT1|IN1)\|(?P<fields>[^\r\n]*)")


def is_card(text: str) -> bool:
    return "BEGIN:V" in text or text.startswith("MSH|")


def clean_card(text: str) -> str:
    """Return a text without the personal values of its cards and calendars."""
    if text.startswith("MSH|"):
        return _SEGMENT.sub(_without_fields, text)
    properties = VCARD | _ONLY_OF_CARDS if "BEGIN:VCARD" in text else VCARD

    def cleaned(match: re.Match[str]) -> str:
        parameters = _NAME_OF_PERSON.sub(_without_value, match["parameters"])
        name = match["name"].rpartition(".")[2].casefold()
        value = REMOVED if name in properties and _says_something(match["value"]) else match["value"]
        return f"{match['name']}{parameters}:{value}"

    return _LINE.sub(cleaned, text)


def _without_fields(match: re.Match[str]) -> str:
    """Return a segment about a person without its fields, but for the first, which is a number."""
    first, *fields = match["fields"].split("|")
    return "|".join([match["name"], first, *(REMOVED if _says_something(field) else field for field in fields)])


def _says_something(value: str) -> bool:
    return any(map(str.isalnum, value)) and value != REMOVED


def _without_value(match: re.Match[str]) -> str:
    if not _says_something(match["value"]):
        return match[0]
    return f"{match[0][: match.start('value') - match.start()]}{REMOVED}"
