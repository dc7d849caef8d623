"""The report for a period: sums of runs by age limit, whatever has become of the runs."""

from datetime import UTC, date, datetime, timedelta

import pytest

from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.reporting.figures import Units
from maintenance.reporting.period import Period, report_of
from maintenance.reporting.sections import Section
from maintenance.total_models import DailyTotal
from tests import factories

pytestmark = pytest.mark.django_db

JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
AT = datetime(2026, 6, 15, 2, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ONE, SEVERAL = "cleanup-push-tokens", "cleanup-expired-tokens"


def make_run(job=ONE, at=AT, **fields):
    times = {"queued_at": at, "started_at": at, "finished_at": at}
    return JobRun.objects.create(**{"job": job, "trigger": "schedule", "status": "succeeded", **times, **fields})


def job_of(report, name=ONE):
    return next(line.figures for line in report.jobs if line.job == name)


def limits_of(report, name=ONE):
    return {line.setting: line.units for line in report.limits if line.job == name}


def test_every_job_and_every_limit_has_a_line_without_any_run():
    report = report_of(JUNE)

    assert [line.job for line in report.jobs] == [job.name for job in registry.all_jobs()]
    expected = [(job.name, limit.setting) for job in registry.all_jobs() for limit in job.retentions]
    assert [(line.job, line.setting) for line in report.limits] == expected
    assert {line.units for line in report.limits} == {Units()}


def test_what_was_due_done_late_and_held_is_summed():
    make_run(items_due=10, items_done=4, details={"counts": {"failed": 1, "unchanged": 2, "held_back": 3}})
    make_run(items_due=4, items_done=4, details={"counts": {"held_back": 3}})

    report = report_of(JUNE)

    assert limits_of(report) == {"PUSH_TOKEN_RETENTION_DAYS": Units(due=14, done=8, unchanged=2, late=4, held=6)}
    assert (job_of(report).runs, job_of(report).failed, report.total.units.done) == (2, 1, 8)


@pytest.mark.parametrize("edge", [JUNE.since, JUNE.until - timedelta(microseconds=1)])
def test_the_first_and_the_last_day_belong_to_the_period(edge):
    make_run(at=edge)

    assert job_of(report_of(JUNE)).runs == 1


@pytest.mark.parametrize("edge", [JUNE.since - timedelta(microseconds=1), JUNE.until])
def test_the_days_around_do_not(edge):
    make_run(at=edge)

    assert job_of(report_of(JUNE)).runs == 0


def test_missed_times_and_failures_are_counted():
    make_run(status="missed", details={"missed": 3}, started_at=None)
    make_run(status="missed", started_at=None)
    for status in ("failed", "partial", "crashed", "skipped", "cancelled"):
        make_run(status=status)

    figures = job_of(report_of(JUNE))

    assert (figures.missed, figures.failures, figures.runs) == (4, 3, 7)


def test_what_the_volume_guard_stopped_was_due_and_is_late():
    make_run(status="failed", items_due=None, details={"brake": 5_000})

    assert limits_of(report_of(JUNE)) == {"PUSH_TOKEN_RETENTION_DAYS": Units(due=5_000, late=5_000)}


def test_dry_runs_and_unfinished_runs_are_none_of_it():
    make_run(dry_run=True, items_due=5)
    make_run(status="running", items_due=5)
    make_run(status="queued", items_due=5)

    assert report_of(JUNE).total.runs == 0


def test_a_job_with_several_limits_tells_them_apart():
    limits = {"NOTIFICATION_RETENTION_DAYS": {"due": 5, "done": 4, "held": 2}, "": {"due": 1, "done": 1}}
    make_run(SEVERAL, items_due=6, items_done=5, details={"limits": limits, "counts": {"held_back": 2}})
    make_run(SEVERAL, items_due=7, items_done=7)  # of a version that did not tell them apart

    found = limits_of(report_of(JUNE), SEVERAL)

    assert found["NOTIFICATION_RETENTION_DAYS"] == Units(due=5, done=4, late=1, held=2)
    assert found[""] == Units(due=8, done=8)
    assert sum(found.values(), Units()) == job_of(report_of(JUNE), SEVERAL).units


def test_a_job_that_is_gone_and_a_limit_that_is_gone_are_told():
    make_run("gone", items_done=2)
    make_run(SEVERAL, items_due=1, items_done=1, details={"limits": {"GONE_DAYS": {"due": 1, "done": 1}}})

    report = report_of(JUNE)

    assert report.jobs[-1].job == "gone"
    assert limits_of(report, SEVERAL)["GONE_DAYS"] == Units(due=1, done=1)


def test_runs_of_an_unknown_day_are_told_and_in_no_period():
    DailyTotal.objects.create(job=ONE, status="succeeded", runs=7, items_done=70)

    report = report_of(JUNE)

    assert (report.undated, report.total.runs) == (7, 0)


@pytest.mark.django_db(transaction=True)
def test_a_real_run_is_reported_by_limit():
    factories.NotificationFactory.create_batch(3, created_at=LONG_AGO)
    factories.LoginAttemptFactory.create_batch(2, created_at=LONG_AGO)
    run = run_now(SEVERAL)
    assert run.success
    day = JobRun.objects.get(pk=run.run_id).finished_at.astimezone(UTC).date()

    found = limits_of(report_of(Period(day, day)), SEVERAL)

    assert found["NOTIFICATION_RETENTION_DAYS"] == Units(due=3, done=3)
    assert found["LOGIN_ATTEMPT_RETENTION_DAYS"] == Units(due=2, done=2)
    assert sum(found.values(), Units()) == Units(due=5, done=5)


def test_the_project_adds_its_sections(settings):
    settings.MAINTENANCE_REPORT = f"{__name__}.sections"

    [section] = report_of(JUNE).sections

    assert section.rows == [{"since": "2026-06-01T00:00:00+00:00", "until": "2026-07-01T00:00:00+00:00"}]
    settings.MAINTENANCE_REPORT = ""
    assert report_of(JUNE).sections == []


def sections(since, until):
    return [Section("x", "X", {}, [{"since": since.isoformat(), "until": until.isoformat()}])]


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="before it begins"):
        Period(date(2026, 6, 2), date(2026, 6, 1))


@pytest.mark.parametrize("last", [date.max, date(2026, 6, 30)])
def test_the_last_of_all_days_has_an_end(last):
    assert Period(date.min, last).until > JUNE.since
    assert report_of(Period(date.min, last)).total.runs == 0


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2025-12-01", "2025-12-31"),
        (datetime(2024, 3, 31, 23, 59, tzinfo=UTC), "2024-02-01", "2024-02-29"),
    ],
)
def test_the_last_month_is_the_last_whole_one(now, first, last):
    assert Period.of_last_month(now) == Period(date.fromisoformat(first), date.fromisoformat(last))
