"""Find the personal values of `INSERT INTO t (columns) VALUES (values)` in texts."""

import re
from collections.abc import Iterator

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import REMOVED, Mention

_INSERT = re.compile(r"\((?P<columns>[\w\s\"`\[\].,]{2,2000})\)\s{0,9}values\s{0,9}(?=\()", re.IGNORECASE)
_TOKEN = re.compile(r"'(?:[^']|'')*'|[(),]|[^'(),]+")


def may_be_insert(text: str) -> bool:
    return "VALUES (" in text or "values (" in text


def find_inserted(text: str) -> Iterator[Mention]:
    """Yield the values of personal columns."""
    done = 0
    for match in _INSERT.finditer(text):
        columns = _personal_columns(match["columns"])
        if columns and match.start() >= done:
            for mention in _cells(text, match.end(), columns):
                yield mention
                done = mention.end


def _personal_columns(names: str) -> frozenset[int]:
    columns = [name.strip().strip('"`[]').rpartition(".")[2] for name in names.split(",")]
    return frozenset(at for at, name in enumerate(columns) if k.named_by(name) & (f.PERSONAL | f.PERSON))


def _cells(text: str, start: int, columns: frozenset[int]) -> Iterator[Mention]:
    depth = column = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] == "(":
            depth += 1
            column = 0 if depth == 1 else column
        elif token[0] == ")":
            depth -= 1
        elif token[0] == "," and depth == 1:
            column += 1
        elif depth == 0 and token[0].strip(" \r\n,"):
            return
        elif depth == 1 and column in columns and _is_literal(token[0].strip()):
            yield Mention(*_inside(token), "cell")


def _is_literal(value: str) -> bool:
    """Tell whether a value is a text or a number, and neither a word of SQL nor a parameter."""
    is_text = value.startswith("'") and len(value) > 2 and value != f"'{REMOVED}'"  # noqa: PLR2004 - the quotes
    return is_text or value.replace(".", "", 1).isdigit()


def _inside(token: re.Match[str]) -> tuple[int, int]:
    """Return where a value stands, without its quotes and the space around it."""
    start = token.start() + len(token[0]) - len(token[0].lstrip())
    end = start + len(token[0].strip())
    return (start + 1, end - 1) if token[0].startswith("'") else (start, end)
