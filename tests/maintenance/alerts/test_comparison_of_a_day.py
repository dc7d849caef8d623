"""A whole day of a site and of its cluster, with a clock that is moved: who is told what.

The passes of the cluster are the real ones, and so are schedules, queue, runs, health checks, outbox and channel. A
process of its own is neither a worker nor a sender.
"""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from django.db.models import Sum
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from maintenance.alert_models import AlertDelivery
from maintenance.alerts import senders, sending
from maintenance.cluster import passes
from maintenance.core import cron, registry
from maintenance.engine.runner import run_now
from maintenance.models import Canary, JobRun
from maintenance.scheduling import schedules
from tests.bazaar.jobs.test_what_if_jobs import LIMITS, MAKER_OF, cutoff
from tests.factories import DeletionRequestFactory
from tests.http_sink import http_sink
from tests.moved_clock import moved_clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]

SUNDAY = datetime(2026, 3, 1, tzinfo=UTC)
"""Jobs of each week run, too."""
STEP = timedelta(minutes=15)
"""All schedules are of quarters of an hour."""
SOON = timedelta(seconds=40)
DAY = timedelta(days=1)
JOB = "cleanup-push-tokens"


class Site:
    """A site that people use, and its cluster."""

    def __init__(self, clock, sink):
        self.clock, self.sink = clock, sink
        self.has_workers = True

    def pass_time(self, length, events=()):
        """Let some hours pass; `events` are the times at which something happens, and what."""
        left = sorted(events, key=lambda event: event[0])
        for number in range(int(length / STEP)):
            while left and left[0][0] <= self.clock.now - SUNDAY:
                left.pop(0)[1]()
            if number % 4 == 0:
                self.use(number)
            for pause in (SOON, STEP - SOON) if self.has_workers else [SOON] * int(STEP / SOON) + [STEP % SOON]:
                self.examine()
                self.clock.move(pause)
        assert not left

    def use(self, number):
        """Write what people write in an hour, and let something of each age come due within the day."""
        soon = timedelta(minutes=number)
        for name, limit in LIMITS.items():
            MAKER_OF[name](cutoff(name, limit.default, self.clock.now) + soon)
        DeletionRequestFactory(scheduled_for=self.clock.now + soon)

    def examine(self):
        """Do what the leader of a cluster does in a pass, and what its workers do meanwhile."""
        for part in passes.PARTS:
            part()
        while self.has_workers and (row := OrmQ.objects.order_by("pk").first()):
            task = row.task
            row.delete()
            import_string(task["func"])(*task["args"], **task["kwargs"])


@pytest.fixture
def site(settings, monkeypatch):
    settings.MAINTENANCE_DUTY_CYCLE = 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(senders, "_start", lambda channel: sending.send_due([channel]) and Ended())
    monkeypatch.setattr("django_q.scheduler.close_old_django_connections", lambda: None)  # the test's own is needed
    with http_sink() as sink, moved_clock(SUNDAY) as clock:
        settings.ALERT_URLS = [sink.url("/hook")]
        schedules.ours().delete()
        schedules.synchronise()
        yield Site(clock, sink)


class Ended:
    """A process that has sent what was due, and is gone."""

    def poll(self):
        return 0


def runs_by_job():
    return {job.name: runs().filter(job=job.name).count() for job in registry.all_jobs()}


def runs():
    """The runs of scheduled times, without those that the site has as data."""
    return JobRun.objects.filter(slot__isnull=False)


def expected_runs():
    until = SUNDAY + DAY
    return {
        job.name: sum(moment < until for moment in islice(cron.times(job.schedule, SUNDAY), 100))
        for job in registry.all_jobs()
    }


def test_a_day_of_normal_traffic_alerts_nobody(site):
    site.pass_time(DAY)

    assert runs_by_job() == expected_runs()
    assert sum(runs_by_job().values()) > 100
    assert not runs().exclude(status="succeeded").exists()
    done = dict(runs().values_list("job").annotate(Sum("items_done")))
    assert min(done[name] for name in (JOB, "cleanup-invitations", "cleanup-expired-tokens", "finalize-deletions")) > 1
    assert Canary.objects.get().echo >= DAY / STEP
    assert site.sink.titles == []
    assert not AlertDelivery.objects.exists()


def test_a_run_that_fails_in_the_day_is_one_message_and_so_is_its_end(site, monkeypatch):
    def fail(_self, _batch):
        raise RuntimeError

    def mend():
        patch.undo()
        assert run_now(JOB).success

    with monkeypatch.context() as patch:
        patch.setattr(type(registry.get(JOB)), "process", fail)
        site.pass_time(timedelta(hours=5), [(timedelta(hours=4), mend)])

    assert [run.status for run in JobRun.objects.filter(job=JOB)] == ["succeeded", "partial"]
    assert site.sink.titles == ["1 error", "healthy again, 1 error resolved"]
    assert f"The last run of {JOB}" in site.sink.messages[0]["message"]


def test_workers_that_take_no_task_for_half_an_hour_are_one_message_and_so_is_their_end(site):
    def work(has_workers):
        site.has_workers = has_workers

    times = (timedelta(hours=1), timedelta(hours=1, minutes=30))
    site.pass_time(timedelta(hours=3), zip(times, (lambda: work(False), lambda: work(True)), strict=True))

    trouble, recovery = site.sink.titles
    assert (trouble, recovery) == ("2 errors", "healthy again, 2 errors resolved")
    assert "The queue is stuck" in site.sink.messages[0]["message"]
