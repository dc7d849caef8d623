"""What would be due with another age limit: the days, the volume guard, the duration and the last runs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from maintenance.core.errors import InvalidRetention
from maintenance.core.stages import DueFiles, FileStage
from maintenance.engine import volume_guard
from maintenance.models import JobRun
from maintenance.reporting import what_if as module
from maintenance.reporting.what_if import DAYS, RUNS, what_if
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
DAY = timedelta(days=1)
VALUES = {"SCRATCH_RETENTION_DAYS": "60"}
WITHIN = timedelta(seconds=5)


def make(*ages):
    first = Item.objects.count()
    return [Item.objects.create(label=f"{first + number}", seen_at=NOW - age) for number, age in enumerate(ages)]


def make_run(due=0, done=0, seconds=10, **fields):
    times = {"started_at": NOW, "finished_at": NOW + timedelta(seconds=seconds)}
    values = {"job": "scratch", "trigger": "schedule", "status": "succeeded", **times, **fields}
    return JobRun.objects.create(items_due=due, items_done=done, **values)


def outlook(**options):
    [job] = what_if(VALUES, NOW, **options).jobs
    return job


def test_the_days_say_what_comes_due_when(scratch_job):
    scratch_job()
    make(100 * DAY, 90 * DAY, 88.5 * DAY, 61 * DAY, 59.5 * DAY, 59.5 * DAY, 32.5 * DAY, 31.5 * DAY)

    job = outlook()

    assert (job.present.due, job.assumed.due) == (1, 4)
    assert [day.until for day in job.days] == [NOW + number * DAY for number in range(1, DAYS + 1)]
    assert [day.present for day in job.days[:3]] == [1, 1, 0]
    assert {number: day.assumed for number, day in enumerate(job.days) if day.assumed} == {0: 2, 27: 1}


def test_a_job_that_reads_none_of_the_settings_is_left_out(scratch_job):
    scratch_job()

    assert [job.job for job in what_if({"RUN_HISTORY_RETENTION_DAYS": "30"}, NOW).jobs] == ["cleanup-run-history"]
    assert what_if({}, NOW).jobs == []


def test_the_change_is_told_with_its_units(scratch_job, settings):
    scratch_job()
    settings.SCRATCH_RETENTION_DAYS = 1

    [change] = what_if(VALUES, NOW).settings

    assert (change.setting, change.present, change.assumed) == ("SCRATCH_RETENTION_DAYS", "1 day", "60 days")
    assert what_if({"SCRATCH_RETENTION_DAYS": ""}, NOW).settings[0].assumed == "90 days"


@pytest.mark.parametrize(("usual", "due", "is_stopped"), [(None, 6, False), (0, 5, False), (0, 6, True), (1, 6, False)])
def test_the_volume_guard_stops_what_it_would_stop_in_a_run(scratch_job, monkeypatch, usual, due, is_stopped):
    monkeypatch.setattr(volume_guard, "FLOOR", 5)
    job = scratch_job()
    make(*[70 * DAY] * due)
    if usual is not None:
        make_run(usual)

    found = outlook()

    assert found.guard == {None: None, 0: 5, 1: 10}[usual]
    assert (found.present.is_stopped, found.assumed.is_stopped) == (False, is_stopped)
    assert (volume_guard.exceeded(job, due) is not None) == is_stopped
    assert found.confirming == f"`manage.py scratch --confirm-count {due}`"


def test_the_volume_guard_stops_no_job_that_can_be_undone(scratch_job, monkeypatch):
    monkeypatch.setattr(volume_guard, "FLOOR", 0)
    scratch_job(irreversible=False)
    make(70 * DAY)
    make_run(0)

    assert (outlook().guard, outlook().assumed.is_stopped) == (None, False)


def test_the_duration_is_that_by_the_rates_of_past_runs(scratch_job, settings):
    scratch_job()
    make(*[70 * DAY] * 6)
    make_run(20, 20)
    assert outlook().assumed.duration is None
    make_run(60, 60)

    found = outlook()

    assert found.assumed.duration == (timedelta(seconds=1), timedelta(seconds=3))
    assert not found.is_over_budget
    settings.MAINTENANCE_TIME_BUDGET = 2.0
    assert outlook().is_over_budget


def test_the_last_thirty_real_runs_are_told(scratch_job):
    scratch_job()
    for number in range(RUNS + 2):
        make_run(number, 1)
    make_run(9, dry_run=True)
    make_run(None, status="skipped")
    make_run(9, job="other")

    assert [(run.due, run.done) for run in outlook().runs] == [(number, 1) for number in range(RUNS + 1, 1, -1)]


def files_by_age(listed):
    """Return stages over files that are called by their age in days; `listed` grows when they are listed."""

    def file_stages(job, now, _options):
        before = job.retention.cutoff(now)

        def due(names):
            return DueFiles([name for name in names if NOW - float(name) * DAY < before])

        def pages():
            listed.append(now)
            yield from (["95.5", "88.5"], ["60.5"], ["31.5", "10", "10"])

        return [FileStage(pages, due, process=len), FileStage(pages, due)]

    return file_stages


def test_files_that_a_run_counts_are_counted(scratch_job):
    listed = []
    scratch_job(file_stages=files_by_age(listed))
    make(70 * DAY)

    job = outlook()

    assert (job.present.due, job.assumed.due) == (1, 4)
    assert job.assumed.is_stopped, "half of all files are due"
    assert len(listed) == 2, "once for now, once for the days"
    assert job.days[1].present == 1
    assert job.days[-1].assumed == 0
    assert sum(day.present for day in job.days) == 1 + 1


def test_a_file_stage_that_takes_too_long_is_unknown(scratch_job, monkeypatch):
    scratch_job(file_stages=files_by_age([]))
    assert outlook(within=WITHIN).present is not None
    monkeypatch.setattr(module.time, "monotonic", iter(range(0, 10**6, 10)).__next__)

    job = outlook(within=WITHIN)

    assert (job.present, job.days) == (None, None)


def test_a_count_that_takes_too_long_is_unknown_on_a_page_and_an_error_elsewhere(scratch_job, monkeypatch):
    def slow(*_args, **_options):
        raise OperationalError

    scratch_job()
    monkeypatch.setattr(module, "count_due", slow)

    job = outlook(within=WITHIN)
    assert (job.present, job.assumed, job.days) == (None, None, None)
    with pytest.raises(OperationalError):
        outlook()


def test_what_is_due_now_is_told_where_the_days_take_too_long(scratch_job, monkeypatch):
    count = module.count_due

    def slow(job, cases, **options):
        if len(cases) > 2:
            raise OperationalError
        return count(job, cases, **options)

    scratch_job()
    make(70 * DAY)
    monkeypatch.setattr(module, "count_due", slow)

    job = outlook(within=WITHIN)

    assert (job.present.due, job.assumed.due, job.days) == (0, 1, None)


def test_an_invalid_limit_of_another_job_hides_nothing(scratch_job, settings):
    scratch_job()
    settings.QUEUE_FAILURE_RETENTION_DAYS = 0

    assert outlook().job == "scratch"
    settings.SCRATCH_RETENTION_DAYS = 0
    with pytest.raises(InvalidRetention):
        outlook()


def test_the_number_of_statements_does_not_depend_on_what_is_due(scratch_job):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            outlook()
        return len(captured)

    scratch_job()
    first = statements()
    make(*[70 * DAY] * 40)

    assert statements() == first < 15
    assert module.DAYS == 28
