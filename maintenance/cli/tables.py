"""Tables and lines of the commands: folded to the width of a terminal, unbroken in a pipe or a file."""

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from maintenance.core.escaping import printable

UNBROKEN = 10_000
"""Width of a pipe or a file: for `grep`, a row is a line."""
DASH = "-"
"""Printed where there is no value; in ASCII, because the encoding of a pipe may have no other."""
WIDE = 120
"""A narrower terminal omits the columns that another command shows as well."""


@dataclass(frozen=True)
class Column:
    """A heading, and the form of its cells."""

    title: str
    is_number: bool = False
    is_whole: bool = False
    """Its cells are not folded."""
    only_wide: bool = False
    longest: int = 0
    """Most characters of a cell on a narrow terminal; another command prints the whole text."""


def print_table(out: Any, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """Print rows under headings, each cell made printable."""
    from rich.console import Console
    from rich.table import Table

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
    """Return the width of `out` in characters."""
    return shutil.get_terminal_size().columns if out.isatty() else UNBROKEN


def fitted(out: Any, line: str, *, hanging: int = 0) -> str:
    """Return a line folded to the width of `out`; `hanging` indents the further lines."""
    width = width_of(out)
    if len(line) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + hanging)
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    )
