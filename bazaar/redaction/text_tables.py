"""Clean tables in texts: comma-separated values and their like, and tables of Markdown, by the names of the columns."""

import re

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import REMOVED

_LONGEST_HEAD = 2000
_NAME = re.compile(r"[^\W\d_][\w .-]{0,60}")
_CELL = r'(?:"(?:[^"]|"")*"|[^{0}"][^{0}]*|)(?={0}|\Z)'
_WORDS = re.compile(r"[^ \r\n]+")
_CELLS = {delimiter: re.compile(_CELL.format(re.escape(delimiter))) for delimiter in ",;\t|"}


def clean_table(text: str) -> str:
    """Return a text without the cells in personal columns of the table that it is; the same object for any other."""
    if "#Fields: " in text:
        return _clean_log(text)
    first = text.lstrip()[:_LONGEST_HEAD].partition("\n")
    if not first[1] or not any(delimiter in first[0] for delimiter in _CELLS):
        return text
    lines = text.splitlines(keepends=True)
    head = next(at for at, line in enumerate(lines) if line.strip())
    for delimiter, pattern in _CELLS.items():
        columns = _personal_columns(lines[head], delimiter, pattern)
        if columns and _is_table(lines[head:], delimiter, pattern):
            rows = [_without(line, columns, pattern) for line in lines[head + 1 :]]
            return "".join([*lines[: head + 1], *rows])
    return text


def _clean_log(text: str) -> str:
    """Return a log in the extended format of the W3C without what stands in personal columns."""
    lines = text.splitlines(keepends=True)
    columns: frozenset[int] = frozenset()
    for at, line in enumerate(lines):
        if line.startswith("#Fields: "):
            names = line.removeprefix("#Fields: ").split()
            columns = frozenset(place for place, name in enumerate(names) if k.facts_of(name) & (f.PERSONAL | f.PERSON))
        elif columns and not line.startswith("#"):
            lines[at] = _without(line, columns, _WORDS)
    return "".join(lines)


def _personal_columns(head: str, delimiter: str, pattern: re.Pattern[str]) -> frozenset[int]:
    """Return which columns are personal; none for a line that is no row of names."""
    if delimiter not in head:
        return frozenset()
    names = [cell.strip().strip('"') for cell in pattern.findall(head.strip("\r\n"))]
    filled = [name for name in names if name]
    if len(filled) < 2 or not all(map(_NAME.fullmatch, filled)):  # noqa: PLR2004 - columns of a table
        return frozenset()
    return frozenset(at for at, name in enumerate(names) if k.named_by(name) & (f.PERSONAL | f.PERSON | f.PEOPLE))


def _is_table(lines: list[str], delimiter: str, pattern: re.Pattern[str]) -> bool:
    """Tell whether the lines below have as many cells as the first."""
    width = len(pattern.findall(lines[0].strip("\r\n")))
    below = [line for line in lines[1:] if line.strip()]
    as_wide = sum(len(pattern.findall(line.strip("\r\n"))) == width for line in below)
    return bool(below) and 2 * as_wide > len(below) and all(delimiter in line for line in below[:1])


def _without(line: str, columns: frozenset[int], pattern: re.Pattern[str]) -> str:
    ending = line[len(line.rstrip("\r\n")) :]
    pieces: list[str] = []
    done = 0
    body = line[: len(line) - len(ending)]
    for at, match in enumerate(pattern.finditer(body)):
        value = match[0].strip().strip('"')
        if at in columns and any(map(str.isalnum, value)) and value != REMOVED:
            start, end = match.span()
            start += len(match[0]) - len(match[0].lstrip())
            end -= len(match[0]) - len(match[0].rstrip())
            pieces += body[done:start], REMOVED
            done = end
    return "".join([*pieces, body[done:], ending])
