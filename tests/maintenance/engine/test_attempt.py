"""A batch that fails: the units at fault are isolated, and the others are processed."""

import pytest

from maintenance.api import Outcome, delete_rows
from maintenance.core.states import Status
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


def test_a_hundred_failures_in_a_row_end_the_run(scratch_job, items):
    def process(_batch):
        raise RuntimeError

    items(120)
    scratch_job(process)

    result = run_now("scratch")

    assert result.status == Status.FAILED
    assert JobRun.objects.get().error["error"] == "builtins.RuntimeError"
    assert Item.objects.count() == 120
