"""What a stage does before its batches, and when a unit of it fails."""

import pytest

from maintenance.api import Outcome, RowStage
from maintenance.core.states import Status
from maintenance.engine.runner import run_now

pytestmark = pytest.mark.django_db


def with_stage(job, **fields):
    job.stages = lambda now: [RowStage(job.due(now), job.process, **fields)]
    return job


def test_what_a_stage_does_before_its_batches_is_counted(scratch_job, items):
    items(1)
    with_stage(scratch_job(), before=lambda: Outcome(side_changes=1, counts={"prepared": 3}))

    result = run_now("scratch")

    assert (result.status, result.details["counts"]) == (Status.SUCCEEDED, {"deleted": 1, "prepared": 3})


def test_what_a_stage_does_before_its_batches_is_repeated_while_units_are_done(scratch_job, items):
    items(1)
    left = [Outcome(deleted=2), Outcome(deleted=1), Outcome()]
    with_stage(scratch_job(), before=lambda: left.pop(0))

    result = run_now("scratch")

    assert (result.details["counts"], left) == ({"deleted": 4}, [])


def test_an_error_before_the_batches_is_a_warning_and_stops_none(scratch_job, items, caplog):
    def fail():
        raise OSError("it quotes ann@example.org")

    items(2)
    with_stage(scratch_job(), before=fail)

    result = run_now("scratch")

    assert (result.status, result.details["counts"]) == (Status.PARTIAL, {"deleted": 2})
    assert result.details["errors"] == [{"id": "before", "error": "OSError"}]
    assert "ann@example.org" not in str([record.getMessage() for record in caplog.records])


def test_a_stage_hears_of_the_unit_that_failed(scratch_job, items):
    [row] = items(1)
    heard = []

    def process(_batch):
        raise RuntimeError

    with_stage(scratch_job(process), on_failure=lambda key, error: heard.append((key, type(error))))
    run_now("scratch")

    assert heard == [(row.pk, RuntimeError)]
