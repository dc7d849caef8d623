"""How a run is shown while it lasts: a bar on a terminal, plain lines elsewhere."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bar, TextColumn, TimeRemainingColumn

from maintenance.work import Progress

SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def shown(job: str, out: Any, *, is_wanted: bool) -> Iterator[Progress | None]:
    """Give the run somebody to report its progress to, as fits `out`."""
    if not is_wanted:
        yield None
    elif out.isatty():
        with _bar(job) as progress, _quiet_logs():
            yield progress
    else:
        yield _lines(job, out)


@contextmanager
def _bar(job: str) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console()) as bar:
        task = bar.add_task(job, total=None)
        yield lambda done, due: bar.update(task, completed=done, total=max(due, done))


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """Keep what the bar and the closing sentence say from being said again in the log, on the same terminal."""
    logger = logging.getLogger("maintenance")
    former, logger.level = logger.level, logging.WARNING
    try:
        yield
    finally:
        logger.setLevel(former)


def _lines(job: str, out: Any) -> Progress:
    last = time.monotonic()

    def line(done: int, due: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            with suppress(BrokenPipeError):  # a run goes on when nobody looks
                out.write(f"{job}: {done:,} of {due:,}")

    return line
