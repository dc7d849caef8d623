"""Tables, lines and times, as the commands print them: as wide as the terminal, and unbroken where nobody looks."""

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table

from maintenance.core.escaping import printable

UNBROKEN = 10_000
"""Columns of what is no terminal: for `grep`, a row is a line."""
WIDE = 120
"""A terminal that is narrower does without the columns that are told by another command as well."""


@dataclass(frozen=True)
class Column:
    """A heading, and how its cells are printed."""

    title: str
    is_number: bool = False
    is_whole: bool = False
    """Its cells are not broken into lines."""
    only_wide: bool = False
    longest: int = 0
    """So many characters of a cell are printed where the terminal is not wide; another command has the whole text."""


def print_table(out: Any, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """Print rows under headings, each cell made printable."""
    width = width_of(out)
    kept = [number for number, column in enumerate(columns) if width >= WIDE or not column.only_wide]
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in (columns[number] for number in kept):
        justify = "right" if column.is_number else "left"
        table.add_column(column.title, justify=justify, no_wrap=column.is_number or column.is_whole)  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*(_cell(columns[number], row[number], width) for number in kept))
    text = StringIO()
    Console(file=text, width=width, color_system=None, highlight=False, markup=False, emoji=False).print(table)
    out.write("\n".join(line.rstrip() for line in text.getvalue().splitlines()))


def _cell(column: Column, text: str, width: int) -> str:
    if column.longest and width < WIDE:
        text = textwrap.shorten(text, column.longest, placeholder=" ...")
    return printable(text)


def width_of(out: Any) -> int:
    """Return how many columns a line of `out` may have."""
    return shutil.get_terminal_size().columns if out.isatty() else UNBROKEN


def fitted(out: Any, line: str, *, hanging: int = 0) -> str:
    """Return a line in as many lines as it takes to fit; those that follow stand `hanging` further to the right."""
    width = width_of(out)
    if len(line) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + hanging)
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    )


def minute(moment: datetime | None) -> str:
    """Return a time to the minute, in UTC; a dash where there is none."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "-"


def day(moment: datetime | None) -> str:
    """Return the day of a time, in UTC; a dash where there is none."""
    return f"{moment:%Y-%m-%d}" if moment else "-"
