"""Each error for an operator has a code and an exit status."""

import json

import pytest
from django.core.management import CommandError

from maintenance.cli import refusals
from maintenance.cli.refusals import EX_CONFIG, FAILED, USAGE, Refusal, code_of, exit_status_of, refuse_to_start
from maintenance.core import errors


def error_classes(base=errors.MaintenanceError):
    yield base
    for child in base.__subclasses__():
        yield from error_classes(child)


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (errors.UnknownJob("x", []), "unknown-job", USAGE),
        (errors.InvalidCron("no"), "invalid-cron", USAGE),
        (errors.BrokenJob("x", "ImportError"), "broken-job", EX_CONFIG),
        (errors.NotReady("no"), "not-ready", EX_CONFIG),
        (errors.InvalidRetention("no"), "invalid-retention", EX_CONFIG),
        (errors.ContractBroken("no"), "contract-broken", FAILED),
        (errors.MaintenanceError("no"), "maintenance", FAILED),
        (Refusal("no", code="own", exit_status=75), "own", 75),
        (Refusal.of_usage("no"), refusals.WRONG_USAGE, USAGE),
    ],
)
def test_an_error_has_a_code_and_a_status(error, code, status):
    assert (code_of(error), exit_status_of(error)) == (code, status)


def test_no_two_errors_have_one_code():
    codes = [code_of(kind.__new__(kind)) for kind in error_classes() if not issubclass(kind, Refusal)]

    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and " " not in code for code in codes)


def test_an_error_of_others_has_a_code_too():
    assert code_of(CommandError("no")) == "command"


def test_a_command_that_cannot_start_says_why_on_standard_error(capsys):
    with pytest.raises(SystemExit) as ended:
        refuse_to_start(["manage.py", "jobs"], "One is wrong.", "Two is \x1b[31mred.")

    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (EX_CONFIG, "")
    assert err == "One is wrong.\nTwo is \\x1b[31mred.\n"


def test_a_command_that_cannot_start_prints_one_document(capsys):
    with pytest.raises(SystemExit):
        refuse_to_start(["manage.py", "jobs", "--json"], "One is wrong.", "Two is.")

    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out)["error"] == {
        "code": refusals.NOT_CONFIGURED,
        "message": "One is wrong. Two is.",
        "exit_status": EX_CONFIG,
    }
