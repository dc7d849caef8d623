"""Many days of two clusters and a site that writes, with kills and restarts: each scheduled time is used once."""

import time
from collections import Counter
from datetime import timedelta
from signal import SIGKILL

import psutil
import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from bazaar.models import AuditLog, Invitation, PushToken
from maintenance.models import JobRun
from maintenance.reporting.totals import totals
from maintenance.scheduling import schedules
from tests.cluster.passing_days import let_pass
from tests.cluster.test_database import end_all_connections
from tests.factories import AuditLogFactory, InvitationFactory, LoginAttemptFactory, PushTokenFactory

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # several clusters need a server
    pytest.mark.django_db(transaction=True),
]

Status = JobRun.Status
UNFINISHED = [Status.QUEUED, Status.RUNNING]
DAYS, LONG_DAYS = 8, 365
GONE = {"cleanup-push-tokens": PushToken, "delete-audit-logs": AuditLog, "cleanup-invitations": Invitation}
"""Jobs that delete rows of one model, and nothing else does."""
PATIENCE = 60
"""Seconds without the end of something after which more time passes."""


@pytest.fixture
def deleted():
    """How many rows of each model the database itself has seen go."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE seen_deleted (model text)")
        cursor.execute(
            "CREATE FUNCTION see_deleted() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO seen_deleted VALUES (TG_TABLE_NAME); RETURN NULL; END $$"
        )
        for model in GONE.values():
            table = model._meta.db_table
            cursor.execute(
                f"CREATE TRIGGER see_deleted AFTER DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION see_deleted()"
            )

    def count():
        with connection.cursor() as cursor:
            cursor.execute("SELECT model, count(*) FROM seen_deleted GROUP BY model")
            found = dict(cursor.fetchall())
        return {job: found.get(model._meta.db_table, 0) for job, model in GONE.items()}

    yield count
    with connection.cursor() as cursor:
        for model in GONE.values():
            cursor.execute(f"DROP TRIGGER see_deleted ON {model._meta.db_table}")
        cursor.execute("DROP FUNCTION see_deleted()")
        cursor.execute("DROP TABLE seen_deleted")


def write(chance):
    """Write what a site does in a day; some of it is nearly at its limit."""
    now = timezone.now()
    for factory, field, age in (
        (PushTokenFactory, "last_used_at", 90),
        (InvitationFactory, "created_at", 30),
        (LoginAttemptFactory, "created_at", 90),
        (AuditLogFactory, "created_at", 365 * 3),
    ):
        for _ in range(chance.randrange(1, 12)):
            row = factory()
            when = now - timedelta(days=chance.choice([0, age - 1, age, age + 1]))
            type(row)._base_manager.filter(pk=row.pk).update(**{field: when})


def pass_and_reach(days):
    """Let days pass, and the clock then stand at the times that have come; return the jobs."""
    let_pass(timedelta(days=days))
    moment = timezone.now()
    rows = schedules.ours().filter(repeats=-1, next_run__lte=moment)
    names = sorted(rows.values_list("name", flat=True))
    rows.filter(name__in=names).update(next_run=moment)
    return names


def pass_over(days):
    """Let days pass at once, as when the clock is put on; return the jobs whose time was skipped."""
    then = timezone.now() + timedelta(days=days)
    names = sorted(schedules.ours().filter(repeats=-1, next_run__lte=then).values_list("name", flat=True))
    let_pass(timedelta(days=days))
    return names


@pytest.fixture
def disturb(cluster, chance):
    """Do something that happens on bad days; return the cluster that can be killed."""

    def disturb(victim):
        what = chance.choice(["nothing", "worker", "kill", "restart", "connections"])
        if what == "worker":
            victim.until_up()
            chance.choice(victim.workers).send_signal(SIGKILL)
        elif what == "kill":
            victim.signal(SIGKILL, everybody=True)
            victim.command.wait()
            return cluster()
        elif what == "restart":
            victim.stop()
            return cluster()
        elif what == "connections":
            end_all_connections()
        return victim

    return disturb


def size(process):
    """Return memory in bytes and open files of a cluster."""
    family = [psutil.Process(process.pid), *process.family()]
    return sum(one.memory_info().rss for one in family), sum(one.num_fds() for one in family)


class Wait:
    """Waits until each of some jobs has used a time since run `last`, or missed it, and its last run has succeeded.

    A task that a killed process had taken from the queue is only told as lost after a quarter of an hour: where
    something is missing for long, that time passes, too.
    """

    def __init__(self, names, last):
        self.names, self.runs, self.next = names, JobRun.objects.filter(pk__gt=last, job__in=names), None

    def times(self):
        return Counter(self.runs.filter(slot__isnull=False).values_list("job", flat=True))

    def is_over(self):
        if JobRun.objects.filter(status__in=UNFINISHED).exists() or OrmQ.objects.exists():
            return False
        last = dict(self.runs.exclude(status=Status.SKIPPED).order_by("pk").values_list("job", "status"))
        if set(self.times()) == set(self.names) and set(last.values()) == {Status.SUCCEEDED}:
            return True
        now = time.monotonic()
        self.next = self.next or now + PATIENCE
        if now > self.next:
            self.next = now + PATIENCE
            let_pass(timedelta(minutes=20))
        return False


def test_each_time_is_used_once_and_nothing_grows(cluster, disturb, until, chance, deleted, long_form):
    steady, other = cluster(), cluster()
    days = LONG_DAYS if long_form else DAYS
    used, early = Counter(), None
    for day in range(days):
        write(chance)
        last = JobRun.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        passes = chance.choice([pass_and_reach, pass_and_reach, pass_over])
        names = passes(chance.choice([1, 1, 1, 2, 7]))
        other = disturb(other)
        wait = Wait(names, last)
        until(wait.is_over, 300)
        used.update(names)
        if day == 2:
            early = size(steady)

    assert len(used) == Schedule.objects.count()
    assert all(deleted().values())
    done = Counter()
    for total in totals():
        done[total.job] += total.items
    assert {job: done[job] for job in GONE} == deleted()
    memory, files = size(steady)
    assert memory < early[0] * 1.3
    assert files <= early[1] + 6
    assert Task.objects.count() < 1_000
    assert len(steady.log().splitlines()) < 200 * days
    for one in (steady, other):
        one.stop()
