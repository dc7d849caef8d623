"""The progress of a run: a bar on a terminal, plain lines elsewhere."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from maintenance.cli.base import MaintenanceCommand
from maintenance.engine.run_options import Progress

SECONDS_BETWEEN_LINES = 5.0
RUNNER = "maintenance.engine.runner"
"""The logger of the start and the end of a run."""


@contextmanager
def shown(job: str, command: MaintenanceCommand, *, is_wanted: bool) -> Iterator[Progress | None]:
    """Yield the function to which the run reports its progress; `None` where none is wanted."""
    if not is_wanted:
        yield None
    elif command.stdout.isatty():
        with _bar(job) as progress:
            yield _never_failing(progress)
    else:
        yield _never_failing(_lines(job, command))


def _never_failing(progress: Progress) -> Progress:
    """Let a run go on where its output fails; the command tells it when the run has ended."""

    def report(done: int, due: int) -> None:
        with suppress(OSError, ValueError):
            progress(done, due)

    return report


@contextmanager
def _bar(job: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bar, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console()) as bar:
        task = bar.add_task(job, total=None)
        yield lambda done, due: bar.update(task, completed=done, total=max(due, done))


@contextmanager
def without_log_duplicates() -> Iterator[None]:
    """Drop the log records on a terminal that repeat what the command prints."""
    handlers = [handler for handler in logging.getLogger().handlers if _is_on_terminal(handler)]
    for handler in handlers:
        handler.addFilter(_is_news)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(_is_news)


def _is_on_terminal(handler: logging.Handler) -> bool:
    return isinstance(handler, logging.StreamHandler) and handler.stream.isatty()


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a record has more than the bar and the closing sentence: a stack trace, a warning, debugging."""
    if record.name == RUNNER:
        return bool(record.exc_info)
    return record.levelno != logging.INFO or not record.name.startswith("maintenance.")


def _lines(job: str, command: MaintenanceCommand) -> Progress:
    last = time.monotonic()

    def line(done: int, due: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            command.say(f"{job}: {done:,} of {due:,}")

    return line
