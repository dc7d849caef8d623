"""The log of a run: it stays small however long the run is, and what it says adds up."""

import json

import pytest
from django.db import DatabaseError
from hypothesis import given, strategies as st

from maintenance.api import Outcome, delete_rows
from maintenance.engine import batches
from maintenance.engine.run_log import MOST_EVENTS, MOST_GROUPS, Event, RunLog
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.engine_app.models import Item


@given(number=st.integers(0, 3_000))
def test_the_groups_of_batches_add_up(number):
    log = RunLog()
    for place in range(number):
        log = log.with_batch(place, 10, place / 1_000)

    groups = log.as_json()["batches"]

    assert len(groups) <= MOST_GROUPS
    assert (sum(group[1] for group in groups), sum(group[2] for group in groups)) == (number, 10 * number)
    if number:
        assert groups[-1][0] == number - 1
        assert max(group[3] for group in groups) == round((number - 1) / 1_000, 3)
    if number > 2 * MOST_GROUPS:
        assert len(groups) >= MOST_GROUPS / 2


def test_a_log_is_small_however_much_happens():
    log = RunLog()
    for place in range(100_000):
        log = log.with_batch(place * 1.234, 12_345, 0.1234)
        log = log.with_event(place * 1.234, list(Event)[place % len(Event)])

    document = log.as_json()

    assert len(json.dumps(document)) < 3_000
    assert document["more_events"] == 100_000 - MOST_EVENTS


def test_events_of_one_kind_are_one_entry():
    log = RunLog().with_event(1.5, Event.SPLIT).with_event(2, Event.SPLIT).with_event(3, Event.UNIT_FAILED)

    assert log.as_json()["events"] == [[1.5, "split", 2], [3, "unit_failed", 1]]


@pytest.mark.django_db
def test_a_run_logs_batches_and_what_went_wrong(scratch_job, items, monkeypatch):
    monkeypatch.setattr(batches, "FIRST", 4)
    monkeypatch.setattr(batches, "SMALLEST", 4)
    monkeypatch.setattr(batches, "STEP_UP", 1)
    bad = items(10)[1].pk

    def process(batch):
        if batch.filter(pk=bad).exists():
            raise DatabaseError("the text of this error is nobody's business")
        return Outcome(deleted=delete_rows(batch))

    scratch_job(process)
    result = run_now("scratch")

    run = JobRun.objects.get(pk=result.run_id)
    log = run.details["log"]
    assert list(Item.objects.values_list("pk", flat=True)) == [bad]
    assert [name for _, name, _ in log["events"]] == ["counted", "split", "unit_failed"]
    assert sum(number for _, number, *_ in log["batches"]) == run.details["batches"]["count"]
    assert sum(rows for _, _, rows, _ in log["batches"]) == 10
    assert [at for at, *_ in log["batches"]] == sorted(at for at, *_ in log["batches"])
    assert "nobody" not in json.dumps(run.details)


@pytest.mark.django_db
def test_the_log_is_saved_while_the_run_goes_on(scratch_job, items, monkeypatch):
    monkeypatch.setattr(batches, "FIRST", 2)
    monkeypatch.setattr(batches, "SMALLEST", 2)
    monkeypatch.setattr(batches, "STEP_UP", 1)
    items(6)
    seen = []

    def process(batch):
        seen.append(JobRun.objects.get().details["log"])
        return Outcome(deleted=delete_rows(batch))

    scratch_job(process)
    run_now("scratch")

    assert seen[0] == {"batches": [], "events": [[seen[0]["events"][0][0], "counted", 1]]}
    assert len(seen[2]["batches"]) == 1  # the second one's time is known once it is committed
