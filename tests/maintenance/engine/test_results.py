"""The result of a run: figures that add up, and one sentence."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from maintenance.api import Outcome
from maintenance.core.job import Verb
from maintenance.core.states import Status
from maintenance.engine import results
from maintenance.engine.results import EXIT_STATUS, JobResult, Tally
from maintenance.models import JobRun

NOUN = ("item", "items")
numbers = st.integers(0, 10_000)
outcomes = st.builds(
    Outcome,
    deleted=numbers,
    changed=numbers,
    unchanged=numbers,
    deferred=numbers,
    failed=st.dictionaries(st.integers(0, 50), st.just("its cause"), max_size=8),
    counts=st.dictionaries(st.sampled_from(["files", "bytes"]), numbers),
)


@given(st.lists(outcomes, max_size=8))
def test_a_tally_is_the_sum_of_its_batches(batches):
    tally = Tally(cutoff=None)
    for outcome in batches:
        tally = tally.including(outcome)

    assert tally.batches == len(batches)
    assert tally.done == sum(outcome.deleted + outcome.changed for outcome in batches)
    assert tally.failed == sum(len(outcome.failed) for outcome in batches)
    assert tally.accounted == tally.done + tally.failed + sum(outcome.unchanged for outcome in batches)
    for name in ("files", "bytes"):
        assert tally.counts.get(name, 0) == sum(outcome.counts.get(name, 0) for outcome in batches)


@given(st.lists(outcomes, max_size=8))
def test_a_tally_keeps_the_first_errors_and_stays_small(batches):
    tally = Tally(cutoff=None)
    for outcome in batches:
        tally = tally.including(outcome)

    first = [key for outcome in batches for key in outcome.failed][: results.ERRORS_KEPT]
    assert [error["id"] for error in tally.errors] == first
    assert tally.outcome.failed == {}


def test_a_batch_that_is_rolled_back_leaves_the_tally_as_it_was():
    before = Tally(cutoff=None).including(Outcome(deleted=2))

    after = before.including(Outcome(deleted=3, failed={7: "locked"})).with_duration(1.5)

    assert (before.done, before.failed, before.errors, before.durations.longest) == (2, 0, [], 0.0)
    assert (after.done, after.failed, after.durations.longest) == (5, 1, 1.5)


def test_a_warning_is_an_error_of_the_run_and_no_failed_unit():
    tally = Tally(cutoff=None).including(Outcome(warnings={"before": "OSError"}))

    assert tally.errors == [{"id": "before", "error": "OSError"}]
    assert (tally.failed, tally.accounted) == (0, 0)


def test_details_have_no_zeros_and_no_blanks():
    assert Tally(cutoff=None).details().keys() == {"counts", "batches"}
    assert Tally(cutoff=None).counts == {}


def test_details_have_all_that_is_known():
    moment = datetime(2026, 1, 31, 4, 30, tzinfo=UTC)
    tally = Tally(cutoff=moment, options=["sweep"], requested={"plan": 7}, oldest=moment, ids=[1], backlog=0)

    details = tally.including(Outcome(changed=2, failed={3: "locked"})).details()

    assert details["counts"] == {"changed": 2, "failed": 1}
    assert (details["options"], details["plan"], details["ids"], details["backlog"]) == (["sweep"], 7, [1], 0)
    assert details["cutoff"] == details["oldest"] == "2026-01-31T04:30:00+00:00"
    assert "newest" not in details
    assert details["errors"] == [{"id": 3, "error": "locked"}]
    assert details["batches"]["count"] == 1


def test_only_the_request_of_a_run_is_kept_from_its_details():
    assert results.requested({"plan": 7, "confirm_count": 0, "counts": {"deleted": 1}}) == {
        "plan": 7,
        "confirm_count": 0,
    }
    assert results.requested({}) == {}


@pytest.fixture
def job(scratch_job):
    return scratch_job(verb=Verb("remove", "removed"))


@pytest.mark.parametrize(
    ("outcome", "due", "text"),
    [
        (Outcome(), 0, "There were no items to remove."),
        (Outcome(), 3, "Removed no items."),
        (Outcome(unchanged=2), -2, ""),
        (Outcome(deleted=1), 1, "Removed 1 item."),
        (Outcome(deleted=1_000, changed=234), 1_234, "Removed 1,234 items."),
        (Outcome(failed={1: ""}), 1, "1 item could not be removed."),
        (Outcome(deleted=1, failed={1: "", 2: ""}), 3, "Removed 1 item. 2 items could not be removed."),
    ],
)
def test_a_run_has_a_sentence(job, outcome, due, text):
    tally = Tally(cutoff=None).including(outcome)

    assert results.sentence(job, tally, NOUN, dry_run=False, due=due) == text


@pytest.mark.parametrize(
    ("due", "text"),
    [(0, "There were no items to remove."), (1, "Would remove 1 item."), (1_234, "Would remove 1,234 items.")],
)
def test_a_dry_run_says_what_a_run_would_do(job, due, text):
    tally = Tally(cutoff=None).including(Outcome(counts={job.verb.would: due}))

    assert results.sentence(job, tally, NOUN, dry_run=True, due=due) == text


def test_the_remark_of_a_job_follows_the_sentence(scratch_job):
    job = scratch_job(remark=lambda _job, counts, options: f"{counts['files']} with {options[0]}.")
    tally = Tally(cutoff=None, options=["sweep"]).including(Outcome(deleted=1, counts={"files": 4}))

    assert results.sentence(job, tally, NOUN, dry_run=False, due=1) == "Deleted 1 item. 4 with sweep."


@pytest.mark.parametrize(
    ("backlog", "text"),
    [
        (None, "Out of time: not everything was examined."),
        (0, "Out of time: follow-up work remaining."),
        (1_500, "Out of time: 1,500 remaining."),
    ],
)
def test_what_remains_after_the_time_budget_is_told(backlog, text):
    assert results.out_of_time(backlog) == text


def test_a_state_in_which_a_command_can_end_has_an_exit_status():
    assert {Status.QUEUED, Status.RUNNING, Status.MISSED}.isdisjoint(EXIT_STATUS)
    assert [status for status, code in EXIT_STATUS.items() if code == 0] == [Status.SUCCEEDED]


def run_of(**fields):
    started = datetime(2026, 1, 31, 4, 30, tzinfo=UTC)
    return JobRun(pk=7, job="scratch", trigger="command", started_at=started, **fields)


def test_a_result_is_what_its_run_says():
    run = run_of(status=Status.PARTIAL, message="Done.", details={"counts": {"failed": 1}})
    assert JobResult.of(run).duration == timedelta(0)
    run.finished_at = run.started_at + timedelta(seconds=1, microseconds=234_567)

    result = JobResult.of(run)

    assert not result.success
    assert result.as_json() == {
        "job": "scratch",
        "run_id": 7,
        "status": "partial",
        "success": False,
        "message": "Done.",
        "details": {"counts": {"failed": 1}},
        "dry_run": False,
        "duration_seconds": 1.235,
    }


@pytest.mark.parametrize(
    ("status", "dry_run", "details", "backlog"),
    [
        (Status.SUCCEEDED, False, {}, 0),
        (Status.SUCCEEDED, True, {}, None),
        (Status.FAILED, False, {}, None),
        (Status.OUT_OF_TIME, False, {"backlog": 4}, 4),
    ],
)
def test_the_log_knows_the_backlog_where_it_is_known(status, dry_run, details, backlog):
    fields = results.log_fields(run_of(status=status, dry_run=dry_run, details=details))

    assert fields["backlog"] == backlog
    assert (fields["event"], fields["counts"], fields["batches"], fields["duration_seconds"]) == ("run_ended", {}, 0, 0)
