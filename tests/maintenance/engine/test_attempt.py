"""A batch that fails: the units at fault are isolated, and the others are processed."""

import pytest
from django.db import OperationalError
from django.utils import timezone

from maintenance.api import Outcome, delete_rows
from maintenance.core.sqlstates import OF_NO_UNIT, READ_ONLY, WORTH_A_SECOND_TRY, explained, in_words
from maintenance.core.states import Status
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.committer import Committer
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("number", "size"), [(7, 4), (250, 100)])  # keys, and ranges of them
def test_an_exception_rolls_back_its_unit_and_no_other(scratch_job, items, batches_of, number, size):
    rows = items(number)
    bad = rows[number // 2].pk

    def process(batch):
        deleted = delete_rows(batch.exclude(pk=bad))
        if batch.filter(pk=bad).exists():
            raise RuntimeError
        return Outcome(deleted=deleted)

    scratch_job(process)
    batches_of(size)

    result = run_now("scratch")

    assert result.status == Status.PARTIAL
    assert list(Item.objects.values_list("pk", flat=True)) == [bad]
    assert result.details["counts"] == {"deleted": number - 1, "failed": 1}
    assert result.details["errors"] == [{"id": bad, "error": "RuntimeError"}]
    assert JobRun.objects.get().items_done == number - 1


def test_a_unit_that_the_job_reports_as_failed_makes_the_run_partial(scratch_job, items):
    [row] = items(1)
    scratch_job(lambda _batch: Outcome(failed={row.pk: "its file is in use"}))

    result = run_now("scratch")

    assert result.status == Status.PARTIAL
    assert result.details["errors"] == [{"id": row.pk, "error": "its file is in use"}]


def test_units_left_unchanged_on_purpose_are_not_offered_again(scratch_job, items, batches_of):
    rows = items(4)
    batches_of(2)
    job = scratch_job(lambda batch: Outcome(unchanged=batch.count()))

    result = run_now("scratch")

    assert result.success
    assert [key for batch in job.batches for key in batch] == sorted(row.pk for row in rows)


def test_a_job_that_does_not_account_for_a_due_unit_fails(scratch_job, items):
    items(2)
    scratch_job(lambda _batch: Outcome())

    result = run_now("scratch")

    assert result.status == Status.FAILED
    assert "scratch" in result.message


@pytest.mark.parametrize("number", [1, 250])  # of which 100 are a range
def test_a_unit_that_becomes_due_within_a_range_is_no_fault_of_the_job(scratch_job, items, batches_of, number):
    """One is gone when the job comes to it, and another one is due by then: the number that is left tells nothing."""
    items(number)
    batches_of(100)
    met = []

    def process(batch):
        first = batch.order_by("pk").first()
        if not met:
            met.append(first.pk)
            Item.objects.filter(pk=first.pk).delete()
        deleted = delete_rows(batch)
        if first.pk in met and len(met) == 1:
            met.append(None)
            first.save(force_insert=True)
        return Outcome(deleted=deleted)

    scratch_job(process)

    result = run_now("scratch")

    assert met == [met[0], None]
    assert (result.status, result.details["counts"]) == (Status.SUCCEEDED, {"deleted": number})
    assert not Item.objects.exists()


def test_a_hundred_failures_in_a_row_end_the_run(scratch_job, items):
    def process(_batch):
        raise RuntimeError

    items(120)
    scratch_job(process)

    result = run_now("scratch")

    assert result.status == Status.FAILED
    assert JobRun.objects.get().error["error"] == "builtins.RuntimeError"
    assert Item.objects.count() == 120


class DriverError(Exception):
    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


def database_error(sqlstate):
    error = OperationalError("it quotes ann@example.org")
    error.__cause__ = DriverError(sqlstate)
    return error


@pytest.mark.parametrize("sqlstate", sorted(WORTH_A_SECOND_TRY))
def test_a_batch_that_may_succeed_at_once_is_tried_a_second_time(scratch_job, items, sqlstate):
    items(4)
    errors = [database_error(sqlstate)]

    def process(batch):
        if errors:
            raise errors.pop()
        return Outcome(deleted=delete_rows(batch))

    job = scratch_job(process)
    result = run_now("scratch")

    assert (result.status, result.details["counts"]) == (Status.SUCCEEDED, {"deleted": 4})
    assert job.batches[0] == job.batches[1], "the whole batch, and not its halves"
    assert len(job.batches) == 2


@pytest.mark.parametrize("sqlstate", sorted(WORTH_A_SECOND_TRY))
@pytest.mark.parametrize(("failures", "status"), [(2, Status.SUCCEEDED), (3, Status.FAILED)])
def test_a_run_that_cannot_save_what_is_due_for_a_lock_tries_again(
    scratch_job, items, monkeypatch, sqlstate, failures, status
):
    items(4)
    errors = [database_error(sqlstate)] * failures
    announce = Committer.announce

    def locked(self, due):
        if errors:
            raise errors.pop()
        announce(self, due)

    monkeypatch.setattr(Committer, "announce", locked)
    scratch_job(lambda batch: Outcome(deleted=delete_rows(batch)))

    assert run_now("scratch").status == status
    assert Item.objects.count() == (0 if status == Status.SUCCEEDED else 4)


def test_another_database_error_isolates_its_unit_at_once(scratch_job, items):
    bad = items(2)[0].pk

    def process(batch):
        if batch.filter(pk=bad).exists():
            raise database_error("23505")
        return Outcome(deleted=delete_rows(batch))

    job = scratch_job(process)
    result = run_now("scratch")

    assert result.details["errors"] == [{"id": bad, "error": "OperationalError 23505"}]
    assert [len(batch) for batch in job.batches] == [2, 1, 1]


def test_there_is_no_third_try(scratch_job, items):
    items(1)

    def process(_batch):
        raise database_error("40001")

    job = scratch_job(process)
    result = run_now("scratch")

    assert result.details["counts"] == {"failed": 1}
    assert len(job.batches) == 2


def test_a_success_ends_a_row_of_failures(scratch_job, items, batches_of, monkeypatch):
    monkeypatch.setattr("maintenance.engine.attempt.FAILURES_IN_A_ROW", 2)
    batches_of(1)
    good = items(3)[1].pk

    def process(batch):
        if not batch.filter(pk=good).exists():
            raise RuntimeError
        return Outcome(deleted=delete_rows(batch))

    scratch_job(process)

    assert run_now("scratch").details["counts"] == {"deleted": 1, "failed": 2}


def test_an_error_that_a_stop_request_causes_is_no_failure(scratch_job, items):
    items(2)
    token = CancellationToken()

    def process(_batch):
        token.request()
        raise RuntimeError

    scratch_job(process)
    result = run_now("scratch", stop=token)

    assert (result.status, result.details["counts"]) == (Status.INTERRUPTED, {})
    assert Item.objects.count() == 2


@pytest.mark.parametrize(
    ("size", "told"), [(4, "5 items of 4"), (100, "3 items of 2")]
)  # keys; a range, then its halves
def test_a_job_that_says_it_did_more_than_it_was_given_fails(size, told, scratch_job, items, batches_of):
    items(4)
    batches_of(size)
    scratch_job(lambda batch: Outcome(deleted=delete_rows(batch) + 1))

    result = run_now("scratch")

    assert result.status == Status.FAILED
    assert f"says that it did {told}" in result.message
    assert Item.objects.count() == 4


def test_a_row_that_became_due_in_a_range_since_it_was_counted_is_no_error(scratch_job, items, batches_of):
    rows = items(150)
    batches_of(100)
    Item.objects.filter(pk=rows[50].pk).update(seen_at=timezone.now())

    def process(batch):
        Item.objects.filter(pk=rows[50].pk).update(seen_at=rows[0].seen_at)
        return Outcome(deleted=delete_rows(batch))

    scratch_job(process)

    result = run_now("scratch")

    assert result.success
    assert result.details["counts"] == {"deleted": 149}
    assert Item.objects.get() == rows[50]


@pytest.mark.parametrize("sqlstate", sorted(OF_NO_UNIT - {READ_ONLY}))
def test_an_error_of_the_whole_server_ends_the_run_and_blames_no_unit(scratch_job, items, batches_of, caplog, sqlstate):
    items(8)
    batches_of(4)
    calls = []

    def process(batch):
        calls.append(1)
        if len(calls) > 1:
            raise database_error(sqlstate)
        return Outcome(deleted=delete_rows(batch))

    scratch_job(process)

    result = run_now("scratch")

    assert result.status == Status.FAILED
    assert result.details["counts"] == {"deleted": 4}
    assert len(calls) == 2, "the batch is not taken apart"
    assert in_words(sqlstate) in explained(result.message)
    assert "raised an error" not in caplog.text
