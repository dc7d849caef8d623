import json
import logging

import pytest
from django.db.models.functions import Now
from hypothesis import given, strategies as st

from maintenance.core.errors import record_of
from maintenance.core.escaping import printable
from maintenance.core.logs import ConsoleFormatter, JsonFormatter, RunLogger
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.engine_app.models import Item


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
    assert frames[-1]["file"] == "tests/maintenance/core/test_logs.py"


NASTY = "a\n2026-01-01T00:00:00.000+00:00 INFO forged \x1b[31m\x9b\x7f\u202e\u2028 b"


class Forged(Exception):
    """Its name and its frames hold what no line may."""


Forged.__qualname__ = NASTY


def raise_forged():
    exec(compile("def f(): raise error\nf()", f"/x/site-packages/{NASTY}.py", "exec"), {"error": Forged()})


def line_of(message, *args, name="x", exc_info=None, **fields):
    record = logging.LogRecord(name, logging.INFO, __file__, 1, message, args, exc_info)
    vars(record).update(fields)
    return ConsoleFormatter().format(record)


@given(st.text(st.characters()), st.text(st.characters()), st.text(st.characters()))
def test_a_record_is_one_line_whatever_is_in_it(message, name, job):
    for line in (line_of("%s", message, name=name, job=job, run_id=1), line_of(message, name=name)):
        assert line == printable(line)
        assert len(line.splitlines()) == 1


def test_no_value_forges_a_line():
    try:
        raise_forged()
    except Forged as error:
        exc_info = (type(error), error, error.__traceback__)
    assert "forged" in record_of(exc_info[1])["error"]
    assert any("forged" in frame["file"] for frame in record_of(exc_info[1])["frames"])

    for line in (
        line_of(NASTY),
        line_of("GET %s", f"/?q={NASTY}"),
        line_of("x", name=NASTY),
        line_of("x", job=NASTY, run_id=NASTY),
        line_of("x", exc_info=exc_info),
    ):
        assert "forged" in line
        assert len(line.splitlines()) == 1
        assert line == printable(line)


@pytest.fixture
def logged(caplog):
    """Return the records of runs as machines read them."""
    caplog.set_level(logging.DEBUG, "maintenance")

    def read(event):
        told = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
        return [record for record in told if record.get("event") == event]

    return read


@pytest.mark.django_db
def test_a_run_is_told_at_its_start_at_its_end_and_for_each_batch(scratch_job, items, batches_of, logged):
    items(5)
    batches_of(2)
    scratch_job()
    result = run_now("scratch")

    [start], [end], batches = logged("run_started"), logged("run_ended"), logged("batch")

    assert {record["run_id"] for record in (start, end, *batches)} == {result.run_id}
    assert {record["job"] for record in (start, end, *batches)} == {"scratch"}
    assert (start["trigger"], start["due"], start["dry_run"]) == ("command", 5, False)
    assert (end["status"], end["counts"], end["backlog"], end["batches"]) == ("succeeded", {"deleted": 5}, 0, 3)
    assert end["duration_seconds"] == result.as_json()["duration_seconds"]
    assert [(record["batch"], record["rows"], record["level"]) for record in batches] == [
        (1, 2, "DEBUG"),
        (2, 2, "DEBUG"),
        (3, 1, "DEBUG"),
    ]
    assert all(record["seconds"] >= 0 for record in batches)


@pytest.mark.django_db
@pytest.mark.parametrize("is_dry", [True, False])
def test_a_run_that_does_not_come_to_its_end_is_told_once_at_its_end(scratch_job, items, logged, settings, is_dry):
    items(2)
    settings.MAINTENANCE_TIME_BUDGET = 1e-9
    scratch_job()
    run_now("scratch", dry_run=is_dry)

    [end] = logged("run_ended")

    assert end["dry_run"] == is_dry
    assert (end["status"], end["backlog"]) == (("succeeded", None) if is_dry else ("out_of_time", 2))


@pytest.mark.django_db
def test_a_run_that_fails_or_is_refused_is_told_at_its_end(scratch_job, items, logged):
    def fail(_batch):
        raise RuntimeError

    items(1)
    scratch_job(fail)
    run_now("scratch")
    JobRun.objects.filter(job="scratch").update(status="running", heartbeat_at=Now())
    run_now("scratch")

    assert [end["status"] for end in logged("run_ended")] == ["partial", "skipped"]
    assert Item.objects.count() == 1


def test_fields_of_other_loggers_are_not_told(caplog):
    logging.getLogger("elsewhere").warning("hello", extra={"request": "ann@example.org", "status_code": 404})

    assert "ann@" not in JsonFormatter().format(caplog.records[-1])
