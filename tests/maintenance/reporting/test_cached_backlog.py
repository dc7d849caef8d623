"""What is due, from the cache: counted once, aged, and unknown where counting takes too long."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone

from maintenance.core import backlog, registry
from maintenance.models import JobRun
from maintenance.reporting import cached_backlog
from maintenance.reporting.cached_backlog import FRESH
from maintenance.reporting.status import get_status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def counts(monkeypatch):
    """How often jobs and limits were counted."""
    calls = {"up_to": 0, "of_limits": 0}

    def counting(name):
        count = getattr(backlog, name)

        def counted(*args):
            calls[name] += 1
            return count(*args)

        monkeypatch.setattr(backlog, name, counted)

    for name in calls:
        counting(name)
    return calls


def of_limits(job, now, latest=()):
    return cached_backlog.of_limits([job], get_status(), now, latest)


def test_every_irreversible_job_has_a_figure(scratch_job, items, now):
    scratch_job()
    items(3)

    counted = cached_backlog.of_jobs(now)

    assert counted.at == now
    assert set(counted.due) == {job.name for job in registry.all_jobs() if job.irreversible}
    assert (counted.of("scratch"), counted.of("nope")) == (3, None)


def test_a_reversible_job_is_not_counted(scratch_job, items, now):
    scratch_job(irreversible=False)
    items(3)

    assert cached_backlog.of_jobs(now).of("scratch") is None


@pytest.mark.parametrize(("later", "number"), [(timedelta(0), 1), (FRESH - MOMENT, 1), (FRESH, 2), (-MOMENT, 2)])
def test_a_figure_is_counted_anew_when_it_is_old_or_from_the_future(scratch_job, counts, now, later, number):
    job = scratch_job()
    cached_backlog.of_jobs(now)
    of_limits(job, now)

    assert cached_backlog.of_jobs(now + later).at == (now if number == 1 else now + later)
    assert of_limits(job, now + later).at == (now if number == 1 else now + later)
    assert counts == {"up_to": number, "of_limits": number}


def test_a_request_for_a_run_makes_the_next_page_count(scratch_job, counts, now):
    job = scratch_job()
    cached_backlog.of_jobs(now)
    of_limits(job, now)

    cached_backlog.forget()

    cached_backlog.of_jobs(now)
    of_limits(job, now)
    assert counts == {"up_to": 2, "of_limits": 2}


@pytest.mark.parametrize(("ended", "number"), [(None, 1), (-MOMENT, 1), (timedelta(0), 2), (MOMENT, 2)])
def test_figures_are_counted_after_the_end_of_the_latest_runs(scratch_job, counts, now, ended, number):
    job = scratch_job()
    of_limits(job, now)
    cached_backlog.of_jobs(now)
    run = JobRun(job="scratch", finished_at=None if ended is None else now + ended)

    of_limits(job, now + 2 * MOMENT, [run])
    cached_backlog.of_jobs(now + 2 * MOMENT, [run])

    assert counts == {"of_limits": number, "up_to": number}


def test_limits_from_the_cache_are_those_that_were_counted(scratch_job, items, now):
    job = scratch_job()
    items(2)

    counted = of_limits(job, now)

    assert [(limit.setting, limit.overdue) for limit in counted.limits] == [("SCRATCH_RETENTION_DAYS", 2)]
    assert of_limits(job, now) == counted


def test_a_count_that_takes_too_long_is_unknown_and_not_tried_on_every_page(scratch_job, now, monkeypatch):
    job, tried = scratch_job(), []

    def fail(*_args):
        tried.append(1)
        raise OperationalError

    monkeypatch.setattr(backlog, "up_to", fail)
    monkeypatch.setattr(backlog, "of_limits", fail)

    assert [cached_backlog.of_jobs(now).of("scratch") for _ in range(2)] == [None, None]
    assert [of_limits(job, now).limits for _ in range(2)] == [None, None]
    assert len(tried) == 2


def test_a_job_with_an_invalid_limit_hides_no_other(scratch_job, settings, now):
    scratch_job()
    settings.SCRATCH_RETENTION_DAYS = "soon"

    counted = cached_backlog.of_jobs(now)

    assert counted.of("scratch") is None
    assert counted.due


def test_the_cache_is_empty_before(now):
    assert cache.get(cached_backlog.JOBS_KEY) is None
