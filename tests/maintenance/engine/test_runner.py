"""One run, in this process: what it does, what it counts, how it ends."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.db.models.functions import Now
from django.utils import timezone

from maintenance.api import Outcome, delete_rows
from maintenance.core.errors import NotReady, UnknownJob
from maintenance.core.logs import ConsoleFormatter, JsonFormatter
from maintenance.engine import lease
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db

Status = JobRun.Status


def running_row(name="scratch", **fields):
    run = JobRun.objects.create(job=name, trigger="command", status=Status.RUNNING, **fields)
    JobRun.objects.filter(pk=run.pk).update(started_at=Now(), heartbeat_at=Now())
    run.refresh_from_db()
    return run


def test_a_run_does_what_is_due_and_says_so(scratch_job, items):
    scratch_job()
    items(3)

    result = run_now("scratch")

    assert result.success
    assert not Item.objects.exists()
    run = JobRun.objects.get(pk=result.run_id)
    assert (run.status, run.items_due, run.items_done, run.trigger) == (Status.SUCCEEDED, 3, 3, "command")
    assert run.details["counts"] == {"deleted": 3}
    assert "3" in run.message
    assert run.started_at <= run.heartbeat_at <= run.finished_at
    assert run.pid
    assert run.host


def test_batches_go_by_primary_key_and_each_unit_is_offered_once(scratch_job, items, batches_of):
    job, rows = scratch_job(), items(7)
    batches_of(2)

    run_now("scratch")

    keys = sorted(row.pk for row in rows)
    assert job.batches == [keys[0:2], keys[2:4], keys[4:6], keys[6:]]


def test_nothing_due_is_a_success_without_an_audit_entry(scratch_job, audit_trail):
    scratch_job()

    result = run_now("scratch")

    assert result.success
    assert JobRun.objects.get().items_done == 0
    assert audit_trail == []


def test_each_batch_that_changed_something_is_told_to_the_audit_trail(scratch_job, items, batches_of, audit_trail):
    scratch_job()
    items(5)
    batches_of(2)

    result = run_now("scratch")

    assert {(call["job"], call["run_id"]) for call in audit_trail} == {("scratch", result.run_id)}
    assert [call["counts"] for call in audit_trail] == [{"deleted": 2}, {"deleted": 4}, {"deleted": 5}]


def test_a_second_run_changes_nothing(scratch_job, items, audit_trail):
    scratch_job()
    items(3)
    run_now("scratch")

    result = run_now("scratch")

    assert result.success
    assert result.details["counts"] == {}
    assert len(audit_trail) == 1


def test_a_dry_run_names_what_a_run_would_do_and_changes_nothing(scratch_job, items, audit_trail):
    job, rows = scratch_job(), items(12)

    dry = run_now("scratch", dry_run=True)

    assert dry.success
    assert Item.objects.count() == 12
    assert job.batches == []
    assert audit_trail == []
    assert dry.details["counts"] == {"would_delete": 12}
    assert dry.details["ids"] == sorted(row.pk for row in rows)[:10]
    assert dry.details["oldest"] == rows[0].seen_at.isoformat()
    run = JobRun.objects.get()
    assert (run.dry_run, run.items_due, run.items_done) == (True, 12, 0)
    assert run_now("scratch").details["counts"]["deleted"] == 12


def test_a_dry_run_cannot_write_even_if_the_job_tries(scratch_job, items, monkeypatch):
    job = scratch_job()
    items(2)
    stages = job.stages

    def stages_that_write(now):
        [stage] = stages(now)
        return [type(stage)(stage.due, stage.process, preview=lambda batch: Outcome(deleted=delete_rows(batch)))]

    monkeypatch.setattr(job, "stages", stages_that_write)

    result = run_now("scratch", dry_run=True)

    assert result.status == Status.FAILED
    assert Item.objects.count() == 2


def test_a_dry_run_goes_beside_a_run(scratch_job, items):
    scratch_job()
    items(1)
    running_row()

    assert run_now("scratch", dry_run=True).success


def test_units_that_are_due_no_more_when_their_batch_comes_are_left_alone(scratch_job, items):
    rows = items(3)

    def process(batch):
        Item.objects.filter(pk=rows[1].pk).update(seen_at=timezone.now())
        return Outcome(deleted=delete_rows(batch))

    scratch_job(process)

    assert run_now("scratch").success
    assert Item.objects.get() == rows[1]


def test_the_text_of_an_error_is_kept_nowhere(scratch_job, items, audit_trail, caplog, capfd):
    Item.objects.create(label="secret@example.org")
    texts = []

    def process(_batch):
        try:
            Item.objects.bulk_create([Item(label="secret@example.org")])
        except IntegrityError as error:
            texts.append(str(error))
            raise IntegrityError("Key (label)=(secret@example.org) already exists.") from error

    [item] = items(1)
    scratch_job(process)

    result = run_now("scratch")

    assert result.status == Status.PARTIAL
    if connection.vendor == "postgresql":  # SQLite's own text names the column only
        assert "secret@example.org" in texts[0]
    [error] = result.details["errors"]
    assert error["id"] == item.pk
    assert "IntegrityError" in error["error"]
    logged = [record for record in caplog.records if record.exc_info]
    assert logged
    formatted = "".join(
        formatter().format(record) for record in logged for formatter in (JsonFormatter, ConsoleFormatter)
    )
    rows = json.dumps([list(JobRun.objects.values()), audit_trail], default=str)
    assert "IntegrityError" in formatted
    assert "process" in formatted, "the frames are kept"
    for text in (formatted, rows, result.message, *capfd.readouterr()):
        assert "secret" not in text


@pytest.mark.postgresql  # SQLite has no SQLSTATE and no named constraint in its errors
def test_a_database_error_is_told_by_class_sqlstate_and_constraint(scratch_job, items):
    Item.objects.create(label="secret@example.org")
    items(1)
    scratch_job(lambda _batch: Item.objects.bulk_create([Item(label="secret@example.org")]))

    [error] = run_now("scratch").details["errors"]

    assert error["error"] == "IntegrityError 23505 engine_app_item_label_key"


def test_a_run_that_is_on_makes_the_next_one_skip(scratch_job, items):
    scratch_job()
    items(1)
    other = running_row(host="elsewhere")

    result = run_now("scratch")

    assert result.status == Status.SKIPPED
    assert "elsewhere" in result.message
    assert Item.objects.count() == 1
    other.refresh_from_db()
    assert other.status == Status.RUNNING


def test_a_run_whose_lease_is_lost_is_declared_crashed_and_taken_over(scratch_job, items):
    scratch_job()
    items(1)
    lost = running_row()
    JobRun.objects.filter(pk=lost.pk).update(heartbeat_at=Now() - lease.lease_time() - timedelta(seconds=1))

    assert run_now("scratch").success

    lost.refresh_from_db()
    assert lost.status == Status.CRASHED
    assert lost.finished_at


def test_a_run_that_lost_its_lease_changes_nothing_even_if_nobody_took_over(scratch_job, items, batches_of):
    items(4)
    batches_of(2)

    def process(batch):
        deleted = delete_rows(batch)
        if len(job.batches) == 2:
            JobRun.objects.update(heartbeat_at=Now() - lease.lease_time() * 2)
        return Outcome(deleted=deleted)

    job = scratch_job(process)

    result = run_now("scratch")

    # The last batch was rolled back, and with it, in this test, the heartbeat that it had set back.
    assert Item.objects.count() == 2
    assert JobRun.objects.get().items_done == 2
    assert not result.success


def test_jobs_that_must_not_overlap_wait_for_each_other(scratch_job, items, monkeypatch):
    scratch_job(excludes=("cleanup-invitations",))
    items(1)
    rival = running_row("cleanup-invitations")
    seen = []

    def end_rival(_stop, _seconds):
        seen.append(JobRun.objects.get(job="scratch").status)
        JobRun.objects.filter(pk=rival.pk).update(status=Status.SUCCEEDED)

    monkeypatch.setattr(CancellationToken, "wait", end_rival)

    assert run_now("scratch").success
    assert seen[0] == Status.QUEUED


def test_the_exclusion_holds_the_other_way_round_too(scratch_job, monkeypatch):
    scratch_job(excludes=("cleanup-invitations",))
    running_row("scratch")
    stop = CancellationToken()
    monkeypatch.setattr(CancellationToken, "wait", lambda _stop, _seconds: stop.request())

    result = run_now("cleanup-invitations", stop=stop)

    assert result.status == Status.INTERRUPTED
    assert "scratch" in result.message


def test_an_unknown_job_is_told_with_the_names_that_there_are():
    with pytest.raises(UnknownJob, match="delete-audit-logs"):
        run_now("nope")


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_refuses_to_run(scratch_job, hours):
    scratch_job()
    with time_machine.travel(timezone.now() + timedelta(hours=hours)), pytest.raises(NotReady, match="60 minutes"):
        run_now("scratch")
    assert not JobRun.objects.exists()


def test_the_database_itself_allows_one_running_run_of_a_job(scratch_job):
    running_row()
    with pytest.raises(IntegrityError):
        running_row()
