import json
import logging

import pytest

from maintenance.errors import record_of
from maintenance.logs import ConsoleFormatter, JsonFormatter, RunLogger


@pytest.fixture
def record(caplog):
    def make(log):
        log(RunLogger("maintenance.test", job="scratch", run_id=7))
        return caplog.records[-1]

    return make


def raise_secret(secret):
    raise ValueError(secret)


def test_a_json_record_has_the_agreed_fields(record):
    logged = json.loads(JsonFormatter().format(record(lambda log: log.warning("%s rows", 3))))

    assert logged["time"].endswith("+00:00")
    del logged["time"]
    assert logged == {"level": "WARNING", "scope": "maintenance.test", "job": "scratch", "run_id": 7, "msg": "3 rows"}


def test_a_record_from_elsewhere_has_them_too(caplog):
    logging.getLogger("elsewhere").warning("hello")

    logged = json.loads(JsonFormatter().format(caplog.records[-1]))

    assert (logged["scope"], logged["job"], logged["run_id"], logged["msg"]) == ("elsewhere", None, None, "hello")
    assert "elsewhere hello" in ConsoleFormatter().format(caplog.records[-1])


@pytest.mark.parametrize("formatter", [JsonFormatter, ConsoleFormatter])
def test_an_exception_is_told_by_class_and_frames_and_never_by_its_text(record, formatter):
    def log(logger):
        try:
            raise_secret("ann@example.org")
        except ValueError:
            logger.exception("It failed.")

    made = record(log)
    assert "ann@example.org" in str(made.exc_info[1])

    text = formatter().format(made)

    assert "builtins.ValueError" in text
    assert "raise_secret" in text
    assert "ann@" not in text


def test_the_record_of_an_error_names_files_without_the_machine():
    try:
        raise_secret("x")
    except ValueError as error:
        frames = record_of(error)["frames"]

    assert [frame["function"] for frame in frames][-1] == "raise_secret"
    assert all(not frame["file"].startswith("/") for frame in frames)
    assert frames[-1]["file"] == "tests/maintenance/test_logs.py"
