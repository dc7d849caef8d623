"""Find what is personal in objects as programs print them: `User(id=7, name=Ann)`, `&{Name:Ann Plan:pro}`, PHP, XML."""

import re
from collections.abc import Iterator

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import REMOVED, Mention
from bazaar.redaction.lexicon.persons import NOT_NAMES, PEOPLE, PERSON
from bazaar.redaction.words import words

_INNER = r"\[[^\[\](){}]{0,500}\]|\{[^\[\](){}]{0,500}\}|\([^\[\](){}]{0,500}\)"
_RECORD = re.compile(
    rf"(?:(?<=[({{\[])|(?<=#<)(?P<of>[A-Z]\w{{0,60}}) )(?P<body>[A-Za-z_]\w{{0,40}}(?:=|: ?)"
    rf"(?:[^\[\](){{}}<>\n]|{_INNER}){{1,4000}})(?=[)}}\]>])"
)
_KIND = re.compile(r"[A-Za-z]\w{0,60}\Z")
_FIELD = re.compile(
    r"(?P<key>[A-Za-z_]\w{0,40})(?:=|: ?)(?P<value>\"[^\"]{0,500}\"|'[^']{0,500}'|[^\s,\"'](?:[^,\"']{0,500}?))"
    r"(?=\s*\Z|,? [A-Za-z_]\w{0,40}(?:=|:)|,)"
)
_SERIALISED = re.compile(
    r"s:\d{1,4}:\"(?P<key>[^\"]{1,60})\";(?:s:\d{1,6}:\"(?P<value>[^\"]{1,500})\"|[id]:(?P<number>[\d.]{1,30}));"
)
_ELEMENT = re.compile(
    r"<(?:[\w.-]{1,40}:)?(?P<tag>[A-Za-z][\w.-]{0,40})(?P<attributes>(?:\s+[\w:.-]{1,60}=\"[^\"<>]{0,500}\")+)"
)
_ATTRIBUTE = re.compile(r"(?P<key>[\w:.-]{1,60})=\"(?P<value>[^\"]*)\"")
_NAMED_ELEMENT = re.compile(
    r"<[\w:.-]{1,60}(?:\s[^<>]{0,300})?\s(?i:name|key|id|field|friendlyname)=[\"'](?P<key>[^\"'<>]{1,60})[\"'][^<>/]{0,300}>"
    r"\s{0,99}(?:<[\w:.-]{1,60}(?:\s[^<>]{0,300})?>\s{0,99})?(?P<value>[^<>]{1,500})</"
)
_GOES = f.PERSONAL | f.PERSON


def find_in_records(text: str) -> Iterator[Mention]:
    """Yield the personal values of the objects that are printed in a text."""
    if "=" in text or ":" in text:
        yield from _in_records(text)
    if '";' in text:
        for match in _SERIALISED.finditer(text):
            group = "value" if match["value"] else "number"
            if k.facts_of(match["key"]) & _GOES and _says_who(match[group]):
                yield Mention(*match.span(group), "serialised")
    if '="' in text and "<" in text:
        yield from _in_attributes(text)
    if "</" in text:
        for match in _NAMED_ELEMENT.finditer(text):
            if k.named_by(match["key"].rpartition("/")[2]) & _GOES and _says_who(match["value"]):
                yield Mention(*match.span("value"), "element")


def _in_records(text: str) -> Iterator[Mention]:
    for record in _RECORD.finditer(text):
        before = _KIND.search(text, max(0, record.start() - 61), record.start() - 1)
        kind = record["of"] or (before[0] if before else "")
        fields = list(_FIELD.finditer(record["body"]))
        if len(fields) < 2 and not kind:  # noqa: PLR2004 - one alone may be prose in brackets
            continue
        goes = _GOES | f.OWN_PART * _is_person(kind)
        for field in fields:
            facts = k.facts_of(field["key"])
            if facts & goes and not (facts & f.NAME and _is_thing(kind)) and _says_who(field["value"].strip("\"'")):
                start, end = field.span("value")
                quotes = field["value"][0] in "\"'"
                yield Mention(record.start("body") + start + quotes, record.start("body") + end - quotes, "record")


def _in_attributes(text: str) -> Iterator[Mention]:
    for element in _ELEMENT.finditer(text):
        goes = _GOES | f.OWN_PART * _is_person(element["tag"])
        for attribute in _ATTRIBUTE.finditer(element["attributes"]):
            facts = k.facts_of(attribute["key"])
            is_name = facts & f.NAME and not _is_person(element["tag"])  # of whatever the element is
            if facts & goes and not is_name and _says_who(attribute["value"]):
                start, end = attribute.span("value")
                yield Mention(element.start("attributes") + start, element.start("attributes") + end, "attribute")


def _is_person(kind: str) -> bool:
    return any(word in PERSON | PEOPLE for word in words(kind)[-1:])


def _is_thing(kind: str) -> bool:
    return bool(kind) and bool(k.facts_of(kind) & f.THING)


def _says_who(value: str) -> bool:
    return any(map(str.isalnum, value)) and value.casefold() not in NOT_NAMES and REMOVED not in value
