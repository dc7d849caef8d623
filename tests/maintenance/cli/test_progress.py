"""Progress: a bar on a terminal, lines elsewhere, and no log record that repeats the command."""

import logging
from io import StringIO
from types import SimpleNamespace

import pytest

from maintenance.cli import progress
from maintenance.cli.base import MaintenanceCommand
from tests.maintenance.cli.terminal import Terminal


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.fixture
def command():
    return MaintenanceCommand(stdout=StringIO(), stderr=StringIO())


def test_where_none_is_wanted_there_is_none(command):
    with progress.shown("scratch", command, is_wanted=False) as report:
        assert report is None


def test_lines_come_every_few_seconds(command, clock):
    with progress.shown("scratch", command, is_wanted=True) as report:
        report(1, 2_000)
        clock.now += progress.SECONDS_BETWEEN_LINES
        report(1_000, 2_000)
        report(1_001, 2_000)
        clock.now += progress.SECONDS_BETWEEN_LINES
        report(2_000, 2_000)

    assert command.stdout.getvalue() == "scratch: 1,000 of 2,000\nscratch: 2,000 of 2,000\n"


def test_a_run_goes_on_when_its_reader_is_gone(command, clock, monkeypatch):
    def say(_line):
        raise BrokenPipeError

    monkeypatch.setattr(command, "say", say)
    with progress.shown("scratch", command, is_wanted=True) as report:
        clock.now += progress.SECONDS_BETWEEN_LINES
        report(1, 2)


def test_a_bar_is_drawn_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    with progress.shown("scratch", MaintenanceCommand(stdout=terminal), is_wanted=True) as report:
        report(3, 2)  # more than were due when the run began

    assert "scratch" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()


@pytest.fixture
def handlers():
    """A handler on a terminal and one elsewhere, as handlers of the root logger."""
    made = [logging.StreamHandler(Terminal()), logging.StreamHandler(StringIO())]
    root = logging.getLogger()
    for handler in made:
        root.addHandler(handler)
    yield made
    for handler in made:
        root.removeHandler(handler)


RECORDS = [
    ("maintenance.engine.runner", logging.INFO, None, False),
    ("maintenance.engine.runner", logging.WARNING, None, False),
    ("maintenance.engine.runner", logging.ERROR, (ValueError, ValueError(), None), True),
    ("maintenance.engine.attempt", logging.INFO, None, False),
    ("maintenance.engine.attempt", logging.WARNING, None, True),
    ("maintenance.engine.committer", logging.DEBUG, None, True),
    ("shop.jobs", logging.INFO, None, True),
]


@pytest.mark.parametrize(("name", "level", "exc_info", "is_shown"), RECORDS)
def test_a_record_is_dropped_on_a_terminal_where_it_repeats_the_command(handlers, name, level, exc_info, is_shown):
    on_terminal, elsewhere = handlers
    record = logging.LogRecord(name, level, __file__, 1, "text", None, exc_info)

    with progress.without_log_duplicates():
        assert bool(on_terminal.filter(record)) is is_shown
        assert elsewhere.filter(record)

    assert on_terminal.filter(record)
