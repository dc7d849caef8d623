"""Find who is named in the lines that servers write: their grammar tells, as no key does."""

import re
from collections.abc import Iterator

from bazaar.redaction import keys as k
from bazaar.redaction.addresses import REMOVED, Mention
from bazaar.redaction.lexicon.persons import NOT_NAMES

_ADDRESS = r"(?:\[removed\]|[0-9A-Fa-f]*[:.][0-9A-Fa-f:.]+)"
_LINES = (
    re.compile(r"^\S{1,100} \S{1,64} (?P<value>\S{1,64}) \[\d{1,2}/\w{3}/\d{4}:[^\]\n]{1,30}\] \"", re.MULTILINE),
    re.compile(r"\" \d{3} [\d-]+ \"[^\"\n]*\" \"(?P<value>[^\"\n]{2,500})\"", re.MULTILINE),
    re.compile(rf"\b(?:for|by|user)(?: invalid)?(?: user)? (?P<value>[^\s\"']{{1,64}}) from (?={_ADDRESS})"),
    re.compile(r"\b[Uu]ser(?:name)? (?P<quote>[\"'`])(?P<value>[^\"'`\s]{1,64})(?P=quote)"),
    re.compile(r"\bsudo(?:\[\d+\])?:\s{1,4}(?P<value>\S{1,64}) : (?=\w+=)"),
)
_MAY_BE_LINE = re.compile(r"\] \"| from |[Uu]ser(?:name)? [\"'`]|\bsudo")
_KEYS = re.compile(r"\((?P<keys>[\w\", .:()]{1,200})\)=\((?P<values>[^\n]{1,500}?)\)(?= |$|\.|\")")


def find_in_lines(text: str) -> Iterator[Mention]:
    """Yield who is named in access logs, and in lines about logins; and what a database says of a unique key."""
    if _MAY_BE_LINE.search(text):
        for pattern in _LINES:
            for match in pattern.finditer(text):
                value = match["value"]
                if value != REMOVED and value.casefold() not in NOT_NAMES and any(map(str.isalnum, value)):
                    yield Mention(*match.span("value"), "line")
    if ")=(" in text:
        for match in _KEYS.finditer(text):
            is_personal = any(k.named_by(key.strip(' "')) & k.PERSONAL for key in match["keys"].split(","))
            if is_personal and match["values"] != REMOVED:
                yield Mention(*match.span("values"), "key")
