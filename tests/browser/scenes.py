"""What the pages look like in use: a history of some weeks, with something of everything."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from maintenance.core import cron, registry
from maintenance.health import snapshot
from maintenance.models import Canary, ClusterHeartbeat, JobRun
from maintenance.scheduling import controls, schedules

Status = JobRun.Status

DAYS = 45
ODD = {
    ("cleanup-push-tokens", 3): (Status.PARTIAL, "Deleted 61 push tokens. 2 push tokens could not be deleted."),
    ("cleanup-push-tokens", 9): (Status.FAILED, "An unexpected error ended the run: OperationalError 57P01."),
    ("cleanup-push-tokens", 17): (Status.CRASHED, "The process is gone. Last heartbeat: 2026-06-01 02:30:12 UTC."),
    ("cleanup-push-tokens", 21): (Status.MISSED, "Its time passed while nothing was up."),
    ("cleanup-invitations", 0): (Status.FAILED, "An unexpected error ended the run: IntegrityError 23503."),
    ("cleanup-invitations", 5): (Status.CANCELLED, "Cancelled. Deleted 20 invitations. 31 remaining."),
    ("anonymize-audit-logs", 6): (Status.INTERRUPTED, "Interrupted. 4,000 remaining."),
    ("anonymize-audit-logs", 13): (Status.SKIPPED, "All jobs are paused since 2026-06-01 02:10 UTC."),
}
ERROR = {
    "error": "django.db.utils.IntegrityError",
    "sqlstate": "23503",
    "constraint": "bazaar_reminder_invitation_id_fk",
    "frames": [
        {"file": "maintenance/runner.py", "line": 207, "function": "_perform"},
        {"file": "maintenance/work.py", "line": 148, "function": "_attempt"},
        {"file": "bazaar/jobs/cleanup_invitations.py", "line": 24, "function": "process"},
        {"file": "django/db/models/query.py", "line": 1231, "function": "delete"},
    ],
}


LOG = {
    "batches": [[2 * n + 1.4, 1, 100, 0.05 + 0.011 * (n * 5 % 7)] for n in range(23)],
    "events": [[0.31, "counted", 1], [17.2, "second_try", 1], [31.0, "split", 2]],
}


@dataclass(frozen=True)
class Scene:
    """A page in a state; `name` is that of its screenshot. `act` does in the browser what no address leads to."""

    name: str
    address: str
    act: Callable[[Any], None] | None = None

    def show(self, page: Any) -> None:
        """Go there."""
        page.goto(self.address)
        if self.act:
            self.act(page)


def scenes() -> Iterator[Scene]:
    """Yield each scene once it is set; each stays as it is until the next one is asked for."""
    for scene in _scenes():
        let_the_queue_work(timezone.now())
        yield scene


def _scenes() -> Iterator[Scene]:
    cache.clear()
    schedules.synchronise()
    jobs, now = reverse("admin:maintenance_jobs"), timezone.now()
    running, cancelled = _history(now)
    failed = JobRun.objects.filter(job="cleanup-invitations").order_by("pk").last()
    controls.disable("recalculate-karma")
    yield Scene("index", reverse("admin:index"))
    yield Scene("cluster", reverse("admin:maintenance_cluster"))
    yield Scene("jobs", jobs)
    yield Scene("job", reverse("admin:maintenance_job", args=["cleanup-push-tokens"]))
    for name, run in (("running", running), ("failed", failed), ("cancelled", cancelled)):
        yield Scene(f"run-{name}", _page_of(run))
    yield Scene("failures", reverse("admin:maintenance_failures"))
    yield Scene("runs", reverse("admin:maintenance_jobrun_changelist"))
    from tests.browser import more_scenes  # which imports what a scene is

    yield from more_scenes.of_jobs(now)
    yield from more_scenes.of_deletions(now)
    JobRun.objects.filter(pk=running.pk).update(heartbeat_at=now - timedelta(minutes=5))
    yield Scene("run-silent", _page_of(running))
    controls.pause(reason="upgrade of the database")
    JobRun.objects.filter(pk=running.pk).update(status=Status.INTERRUPTED, finished_at=now)
    yield Scene("jobs-paused", jobs)


def _page_of(run: Any) -> str:
    return reverse("admin:maintenance_jobrun_change", args=[run.pk])


def let_the_queue_work(now: Any) -> None:
    """Let a cluster of one machine have signed, sent a canary and examined just now, and another one be down."""
    ClusterHeartbeat.objects.update_or_create(host="app-1", defaults={"workers": 3, "seen_at": now})
    ClusterHeartbeat.objects.update_or_create(
        host="app-2", defaults={"workers": 3, "seen_at": now - timedelta(hours=5)}
    )
    came_back = {"sent_at": now, "echoed_at": now, "round_trip": timedelta(seconds=0.4)}
    Canary.objects.update_or_create(id=1, defaults={"number": 7, "echo": 7} | came_back)
    snapshot.keep()


def _history(now: Any) -> tuple[JobRun, JobRun]:
    """Write what the jobs did at their times; return a run that is on, and one that was cancelled."""
    chance = random.Random(7)
    for job in registry.all_jobs():
        usual = chance.choice([20, 60, 900, 4000])
        times = cron.times(cron.normalise(job.schedule), now - timedelta(days=DAYS))
        slots = list(takewhile(lambda slot: slot < now, times))[-DAYS:]
        for place, slot in enumerate(slots):
            _past_run(job, slot, ODD.get((job.name, len(slots) - 1 - place)), int(usual * chance.uniform(0.5, 1.5)))
    cancelled = JobRun.objects.get(job="cleanup-invitations", status=Status.CANCELLED)
    JobRun.objects.filter(pk=cancelled.pk).update(
        cancel_requested_at=cancelled.started_at + timedelta(seconds=1),
        items_due=51,
        items_done=20,
        details=cancelled.details | {"counts": {"deleted": 20}, "backlog": 31},
    )
    running = JobRun.objects.create(
        job="anonymize-audit-logs",
        trigger=JobRun.Trigger.ADMIN,
        status=Status.RUNNING,
        queued_at=now - timedelta(seconds=46),
        started_at=now - timedelta(seconds=45),
        heartbeat_at=now + timedelta(minutes=5),
        host="app-1",
        pid=4711,
        items_due=6_200,
        items_done=2_300,
        message="",
        details={
            "counts": {"changed": 2_300},
            "batches": {"count": 23, "median_seconds": 0.09, "p99_seconds": 0.1, "longest_seconds": 0.118},
            "log": LOG,
        },
    )
    return running, cancelled


def _past_run(job: Any, slot: Any, odd: Any, items: int) -> None:
    status, message = odd or (Status.SUCCEEDED, f"{job.verb.past.capitalize()} {items:,} items.")
    never_ran = status in {Status.MISSED, Status.SKIPPED}
    done = 0 if never_ran or status in {Status.FAILED, Status.CRASHED} else items
    details = {
        "counts": {job.verb.past: done},
        **({"cutoff": job.retention.cutoff(slot).isoformat()} if job.retention else {}),
        "batches": {"count": 1 + done // 100, "median_seconds": 0.09, "p99_seconds": 0.1, "longest_seconds": 0.104},
    }
    if status == Status.PARTIAL:
        details["errors"] = [{"id": key, "error": "OperationalError 55P03"} for key in (4012, 4077)]
    JobRun.objects.create(
        job=job.name,
        trigger=JobRun.Trigger.SCHEDULE,
        status=status,
        slot=slot,
        queued_at=slot,
        started_at=None if never_ran else slot,
        heartbeat_at=None if never_ran else slot,
        finished_at=slot + timedelta(seconds=1 + items / 110),
        host="" if never_ran else "app-1",
        pid=None if never_ran else 4711,
        items_due=None if never_ran else items,
        items_done=done,
        message=message,
        details={} if never_ran else details,
        error=ERROR if status == Status.FAILED else None,
    )
