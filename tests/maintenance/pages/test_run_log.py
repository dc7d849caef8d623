"""The log of a run on its page: in the order of time, live, and a line of its batch times."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from maintenance.engine.run_log import Event
from maintenance.models import JobRun
from maintenance.pages.run_log import batch_times_of, entries_of
from tests.maintenance.pages.people import text_of
from tests.maintenance.pages.rows import Status, make_run, run_page

AT = datetime(2026, 5, 1, 2, 30, tzinfo=UTC)
LOG = {
    "batches": [[1.5, 1, 100, 0.08], [4.0, 2, 200, 0.16], [6.0, 1, 1, 0.04]],
    "events": [[0.2, "counted", 1], [2.0, "second_try", 1], [3.0, "split", 7]],
}


def told(run):
    return [(round((entry.at - AT).total_seconds(), 1), entry.words) for entry in entries_of(run)]


def test_a_log_is_in_the_order_of_time():
    run = JobRun(
        status=Status.PARTIAL,
        started_at=AT,
        finished_at=AT + timedelta(seconds=7),
        cancel_requested_at=AT + timedelta(seconds=5),
        items_due=301,
        details={"log": LOG},
    )

    assert told(run) == [
        (0, "Started"),
        (0.2, "Counted: 301 due"),
        (1.5, "Batch 1: 100 rows, 0.08 s"),
        (2, "A batch is tried a second time, after a deadlock, a lock time-out or a lost connection"),
        (3, "A batch is split in two (7 ×)"),
        (4, "Batches 2 to 3: 200 rows, the longest 0.16 s"),
        (5, "Cancellation requested"),
        (6, "Batch 4: 1 row, 0.04 s"),
        (7, "Partially failed"),
    ]


def test_every_event_has_words():
    events = [[number, str(event), 1] for number, event in enumerate(Event)]
    run = JobRun(status=Status.RUNNING, started_at=AT, details={"log": {"events": events, "more_events": 3}})

    words = [text for _, text in told(run)]

    assert not {str(event) for event in Event} & set(words)
    assert words[-1] == "3 more events are not listed"


@pytest.mark.parametrize("details", [{}, {"log": {}}, {"log": {"batches": [[1, 1, 5, 0.1]]}}])
def test_a_run_without_a_log_has_its_start_and_no_line(details):
    run = JobRun(status=Status.RUNNING, started_at=AT, details=details)

    assert told(run)[0] == (0, "Started")
    assert batch_times_of(run) is None
    assert entries_of(JobRun(status=Status.QUEUED)) == []


def test_the_line_goes_from_the_first_batch_to_the_last_and_up_to_the_longest():
    drawn = batch_times_of(JobRun(started_at=AT, details={"log": LOG}))

    assert drawn.longest == "0.16 s"
    assert (drawn.first, drawn.last) == (AT + timedelta(seconds=1.5), AT + timedelta(seconds=6))
    points = [point.split(",") for point in re.search(r'points="([^"]+)"', drawn.drawing)[1].split()]
    assert points[0][0] == "3"
    assert points[-1][0] == "597"
    assert min(points, key=lambda point: int(point[1])) == ["333", "3"]


@pytest.mark.django_db
@pytest.mark.usefixtures("empty_cache", "cluster")
def test_the_log_of_a_running_run_is_updated(operator):
    run = make_run(Status.RUNNING, at=AT, heartbeat_at=datetime.now(UTC) + timedelta(days=1), details={"log": LOG})
    page = text_of(operator, run_page(run))
    assert "<polyline" in page
    versions = re.findall(r' data-live="(\w+)"', page)

    JobRun.objects.filter(pk=run.pk).update(details={"log": LOG | {"batches": [*LOG["batches"], [9.0, 1, 50, 0.1]]}})
    update = operator.get(run_page(run), headers={"Maintenance-Have": " ".join(versions)}).content.decode()

    assert "Batch 5: 50 rows, 0.1 s" in update
    assert len(update) < 20_000
