"""Clean blocks of lines with a name, a colon and a value: headers of requests and mails, and YAML."""

import re

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import REMOVED
from bazaar.redaction.lexicon.persons import NOT_NAMES
from bazaar.redaction.lexicon.structures import HEADERS
from bazaar.redaction.words import words

_HEADER = re.compile(r"(?P<indent>[ ]*)(?P<key>[A-Za-z][\w -]{0,40}):(?P<space>[ \t]*)(?P<value>[^\r\n]*)")
_ITEM = re.compile(r"(?P<indent>[ ]*)(?P<before>- )(?P<value>[^\r\n]*)")


def clean_block(text: str) -> str:
    """Return a text without the values of personal lines: of several, or of one whose name is that of a header."""
    lines = text.splitlines(keepends=True)
    headers = [_HEADER.match(line) for line in lines]
    number = sum(header is not None for header in headers)
    if not number:
        return text
    items = sum(_ITEM.match(line) is not None for line in lines)
    is_block = len(lines) > 1 and 2 * (number + items) > len(lines)
    below = -1  # the indentation of a personal key whose value stands in the lines behind it
    for at, (line, header) in enumerate(zip(lines, headers, strict=True)):
        found = header or _ITEM.match(line)
        if below >= 0 and found and _is_below(found, below):
            lines[at] = _without(found, line)
            continue
        below = -1
        if not header or not _is_personal(header, is_block=is_block):
            continue
        if header["value"].strip():
            lines[at] = _without(header, line)
        elif is_block and not header["value"]:
            below = len(header["indent"])
    return "".join(lines)


def _is_below(found: re.Match[str], indent: int) -> bool:
    return len(found["indent"]) > indent or (found.re is _ITEM and len(found["indent"]) == indent)


def _without(found: re.Match[str], line: str) -> str:
    value = found["value"].strip().strip("'\"")
    if value == REMOVED or value.casefold() in NOT_NAMES or not any(map(str.isalnum, value)):
        return line
    return f"{line[: found.start('value')]}{REMOVED}{line[found.end('value') :]}"


def _is_personal(header: re.Match[str], *, is_block: bool) -> bool:
    key = header["key"]
    facts = k.facts_of(key)
    first = words(key)[:1]
    if is_block:
        return bool(facts & (f.PERSONAL | f.PERSON | f.PEOPLE)) or (bool(first) and first[0] in HEADERS)
    is_header = ("-" in key and bool(facts & f.PERSONAL)) or key.casefold() in {"cookie", "authorization", "set-cookie"}
    return not header["indent"] and is_header
