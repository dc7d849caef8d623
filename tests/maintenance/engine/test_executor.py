"""The forms in which a stage gets a batch, and what each of them counts."""

import pytest
from django.db import connection

from maintenance.api import KeyStage, Outcome, PrefetchStage, RowStage, delete_rows
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db

Status = JobRun.Status


def stages_of(make):
    return {"stages": lambda job, now: make(job.due(now))}


def test_a_key_stage_gets_the_keys_and_only_the_one_at_fault_fails(scratch_job, items, batches_of):
    rows = items(6)
    bad = rows[3].pk
    batches_of(4)
    given = []

    def process(keys):
        given.append(list(keys))
        if bad in keys:
            raise RuntimeError
        return Outcome(deleted=delete_rows(Item.objects.filter(pk__in=keys)))

    scratch_job(**stages_of(lambda due: [KeyStage(due, process)]))

    result = run_now("scratch")

    keys = sorted(row.pk for row in rows)
    assert given == [keys[:4], keys[:2], keys[2:4], keys[2:3], keys[3:4], keys[4:]]
    assert Item.objects.get().pk == bad
    assert result.details["errors"] == [{"id": bad, "error": "RuntimeError"}]


def test_a_key_stage_that_says_nothing_of_a_row_still_due_breaks_the_contract(scratch_job, items):
    items(2)
    scratch_job(**stages_of(lambda due: [KeyStage(due, lambda _keys: Outcome())]))

    result = run_now("scratch")

    assert result.status == Status.FAILED
    assert "account for" in result.message


@pytest.mark.django_db(transaction=True)
def test_a_prefetch_stage_gets_the_result_for_its_whole_batch(scratch_job, items, batches_of):
    rows = items(4)
    bad = rows[1].pk
    batches_of(4)
    given = []

    def process(batch, prefetched):
        keys = sorted(batch.values_list("pk", flat=True))
        given.append((keys, prefetched))
        if bad in keys:
            raise RuntimeError
        return Outcome(deleted=delete_rows(batch))

    def prefetch(batch):
        return sorted(batch.values_list("pk", flat=True))

    scratch_job(**stages_of(lambda due: [PrefetchStage(due, process, prefetch)]))

    result = run_now("scratch")

    keys = sorted(row.pk for row in rows)
    whole = keys if connection.vendor == "postgresql" else None
    assert given == [(keys, whole), (keys[:2], None), (keys[:1], None), (keys[1:2], None), (keys[2:], None)]
    assert result.details["counts"] == {"deleted": 3, "failed": 1}


def test_side_changes_account_for_no_unit(scratch_job, items):
    """Rows that the job changed besides do not stand in for rows of its batch that it forgot."""
    items(2)
    scratch_job(lambda batch: Outcome(side_changes=batch.count()))

    assert run_now("scratch").status == Status.FAILED


def test_the_rows_of_a_stage_that_is_not_counted_are_side_changes(scratch_job, items):
    items(2)

    def clean_up(batch):
        return Outcome(side_changes=delete_rows(batch))

    scratch_job(**stages_of(lambda due: [RowStage(due, clean_up, is_counted=False)]))

    result = run_now("scratch")

    assert result.success
    assert result.details["counts"] == {}
    assert not Item.objects.exists()


def test_what_a_stage_that_is_not_counted_cannot_do_is_a_warning(scratch_job, items):
    items(2)

    def clean_up(batch):
        return Outcome(warnings={f"item {item.pk}": "it is stuck" for item in batch})

    scratch_job(**stages_of(lambda due: [RowStage(due, clean_up, is_counted=False)]))

    result = run_now("scratch")

    assert result.status == Status.PARTIAL
    assert result.details["counts"] == {}
    assert len(result.details["errors"]) == 2


def test_no_stage_begins_once_the_time_budget_is_used_up(scratch_job, items, batches_of, clock):
    items(4)
    batches_of(2)
    begun = []

    def before(number):
        def note():
            begun.append(number)
            return Outcome()

        return note

    def process(batch):
        clock.now += 10_000
        return Outcome(deleted=delete_rows(batch))

    scratch_job(**stages_of(lambda due: [RowStage(due, process, before=before(n)) for n in (1, 2)]))

    result = run_now("scratch")

    assert (result.status, begun) == (Status.OUT_OF_TIME, [1])
    assert result.details["backlog"] == 6  # both stages are over the same four rows
