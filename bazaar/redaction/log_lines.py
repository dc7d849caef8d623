"""Find who is named in the lines that servers write: their grammar tells, as no key does."""

import re
from collections.abc import Iterator

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import REMOVED, Mention
from bazaar.redaction.lexicon.persons import NOT_NAMES

_ADDRESS = r"(?:\[removed\]|[0-9A-Fa-f]*[:.][0-9A-Fa-f:.]+)"
_LINES = {
    '] "': re.compile(
        r"^\S{1,100} \S{1,64} (?P<value>\S{1,64}) \[\d{1,2}/\w{3}/\d{4}:[^\]\n]{1,30}\] \"", re.MULTILINE
    ),
    '" "': re.compile(r"\" \d{3} [\d-]+ \"[^\"\n]*\" \"(?P<value>[^\"\n]{2,500})\"", re.MULTILINE),
    " from ": re.compile(rf"\b(?:for|by|user)(?: invalid)?(?: user)? (?P<value>[^\s\"']{{1,64}}) from (?={_ADDRESS})"),
    "ser ": re.compile(r"\b[Uu]ser (?P<quote>[\"'])(?P<value>[^\"'\s]{1,64})(?P=quote)"),
    "by user ": re.compile(r"\bby user (?P<value>[A-Z][\w'.-]{1,40}(?: [A-Z][\w'.-]{1,40}){0,3})"),
    "(uid=": re.compile(r"\b(?:by|for user|user) (?P<value>[\w.-]{1,64})\(uid="),
    "sudo": re.compile(r"\bsudo(?:\[\d+\])?:\s{1,4}(?P<value>\S{1,64}) : (?=\w+=)"),
}
"""By a part that a text has in which the line stands."""

_NAME_IN_DIRECTORY = re.compile(
    r"\buid=(?P<uid>[^,=+\"]{1,64})(?=,\s?[A-Za-z]{1,12}=)"
    r"|\bcn=(?P<cn>[^,=+\"]{1,64})(?=,\s?(?:cn|ou)=(?:users|people|persons|members|staff|employees)\b)",
    re.IGNORECASE,
)
"""Of an entry for a person: `uid=ann,ou=people,dc=example,dc=org`."""

_KEYS = re.compile(r"\((?P<keys>[\w\", .:()]{1,200})\)=\((?P<values>[^\n]{1,500}?)\)(?= |$|\.|\")")


_SIGNS = (" from ", "by user ", "(uid=", "ser '", 'ser "', '] "', "sudo", ")=(", ",dc=", ",DC=")


def may_be_line(text: str) -> bool:
    """Tell whether one of the lines may stand in a text; a no is certain."""
    return any(sign in text for sign in _SIGNS)


def find_in_lines(text: str) -> Iterator[Mention]:
    """Yield who is named in access logs, and in lines about logins; and what a database says of a unique key."""
    for part, pattern in _LINES.items():
        for match in pattern.finditer(text) if part in text else ():
            value = match["value"]
            if value != REMOVED and value.casefold() not in NOT_NAMES and any(map(str.isalnum, value)):
                yield Mention(*match.span("value"), "line")
    for match in _NAME_IN_DIRECTORY.finditer(text) if "=" in text else ():
        kind = "uid" if match["uid"] else "cn"
        if match[kind] != REMOVED:
            yield Mention(*match.span(kind), "entry")
    for match in _KEYS.finditer(text) if ")=(" in text else ():
        is_personal = any(k.named_by(key.strip(' "')) & f.PERSONAL for key in match["keys"].split(","))
        if is_personal and match["values"] != REMOVED:
            yield Mention(*match.span("values"), "key")
