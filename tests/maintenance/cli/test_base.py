"""A command ends in its output, or in one sentence or document with an exit status, and never in a stack trace."""

import json
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.db import OperationalError

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option, at_least
from maintenance.core.errors import NotReady, UnknownJob
from tests.maintenance.cli.terminal import Terminal

SECRET = "ann@example.org"


class Command(MaintenanceCommand):
    help = "Do what the test says."

    def __init__(self, act, out):
        super().__init__(stdout=out, stderr=StringIO(), no_color=True)
        self.act = act

    def add_arguments(self, parser):
        parser.add_argument("--number", type=at_least(1, int))
        add_json_option(parser)

    def handle(self, **options):
        self.act(self)


@pytest.fixture
def run():
    """Run a command as `manage.py` does, and return exit status, output and error output."""

    def ended(act, *arguments, out=None):
        command, status = Command(act, out or StringIO()), 0
        try:
            command.run_from_argv(["manage.py", "scratch", *arguments])
        except SystemExit as end:
            status = end.code
        return status, command.stdout.getvalue(), command.stderr.getvalue()

    return ended


def raising(error):
    def act(_command):
        raise error

    return act


REFUSALS = [
    (NotReady("The clocks differ: correct them."), 78, "not-ready", "The clocks differ: correct them."),
    (UnknownJob("x", ["a"]), 2, "unknown-job", "There is no job 'x'. The jobs are: a."),
    (ImproperlyConfigured("DEBUG is no boolean."), 78, "improperly-configured", "DEBUG is no boolean."),
    (OperationalError(SECRET), 1, "database-error", "The database refused: OperationalError. Is it up, and migrated?"),
    (
        ValueError(SECRET),
        1,
        "unexpected-error",
        "The command failed with an unexpected error: ValueError.",
    ),
]
each_refusal = pytest.mark.parametrize(
    ("error", "status", "code", "sentence"), REFUSALS, ids=[code for _, _, code, _ in REFUSALS]
)


@each_refusal
def test_an_error_is_a_sentence_and_a_status(run, error, status, code, sentence):
    assert run(raising(error)) == (status, "", f"{sentence}\n")


@each_refusal
def test_an_error_is_a_document_where_one_is_wanted(run, error, status, code, sentence):
    ended, out, err = run(raising(error), "--json")

    assert (ended, err) == (status, "")
    assert json.loads(out) == {"error": {"code": code, "message": sentence, "exit_status": status}}


def test_the_log_of_an_unexpected_error_has_its_frames(run, caplog):
    run(raising(ValueError(SECRET)))

    [record] = caplog.records
    assert record.getMessage() == "The command scratch failed."
    assert record.exc_info


def test_a_trace_is_raised_where_one_is_wanted(run):
    with pytest.raises(ValueError, match=SECRET):
        run(raising(ValueError(SECRET)), "--traceback")


def test_a_command_error_has_its_own_status(run):
    status, out, err = run(raising(CommandError("It is wrong.", returncode=3)), "--json")

    assert (status, err) == (3, "")
    assert json.loads(out)["error"]["code"] == "command"


def test_a_reader_that_is_gone_is_for_manage_py(run):
    with pytest.raises(BrokenPipeError):
        run(raising(BrokenPipeError()))


@pytest.mark.parametrize("arguments", [["--number", "0"], ["--nonsense"], ["argument"]])
def test_wrong_usage_is_refused_with_the_usage(run, arguments):
    status, out, err = run(lambda _command: None, *arguments)

    assert (status, out) == (2, "")
    assert err.startswith("usage: ")

    status, out, err = run(lambda _command: None, *arguments, "--json")
    assert (status, err) == (2, "")
    assert json.loads(out)["error"]["code"] == "wrong-usage"


def test_a_line_is_printable(run):
    assert run(lambda command: command.say("a\x1b[31m\nb")) == (0, "a\\x1b[31m\\nb\n", "")
    assert run(lambda command: command.complain("\u202ea"))[2] == "\\u202ea\n"


def test_a_line_is_folded_on_a_terminal_only(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    long = "one two three four five six"

    assert run(lambda command: command.say(long))[1] == f"{long}\n"
    assert run(lambda command: command.say(long, hanging=2), out=Terminal())[1] == "one two three four\n  five six\n"
