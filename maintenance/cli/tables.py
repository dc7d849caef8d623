"""Tables and times, as the commands print them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

WIDE = 240
"""Columns where nobody looks: what is not a terminal gets its lines unbroken."""


class PlainConsole(Console):
    """Leaves it to `manage.py` to end a command that nobody reads; rich would end it with the status of a failure."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def print_table(out: Any, columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None) -> None:
    """Print rows under headings; numbers stand to the right when their heading ends in `#`."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        is_number = column.endswith("#")
        table.add_column(column.rstrip("#"), justify="right" if is_number else "left", no_wrap=is_number or number == 0)
    for row in rows:
        table.add_row(*row)
    # Django's wrapper adds a newline to each write; rich writes its own.
    stream = getattr(out, "_out", out)
    console = PlainConsole(file=stream, width=None if out.isatty() else WIDE, highlight=False, markup=False)
    console.print(table)


def minute(moment: datetime | None) -> str:
    """Return a time to the minute, in UTC; a dash where there is none."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "-"
