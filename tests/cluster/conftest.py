"""Clusters as real processes on the tests' database; nothing of them is left when a test ends."""

import sys
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psutil
import pytest
from django.utils import timezone
from django_q.models import Schedule

from maintenance.models import JobRun
from maintenance.scheduling import schedules
from tests.cluster.processes import IN_CONTAINER, MARK, ClusterProcess, ContainedCluster, marked
from tests.processes import conftest as processes
from tests.processes.rows import Backlog

backlog, chance, environment, only_in_long_form, pair_of_servers, run, start, trigger, until = (
    processes.backlog,
    processes.chance,
    processes.environment,
    processes.only_in_long_form,
    processes.pair_of_servers,
    processes.run,
    processes.start,
    processes.trigger,
    processes.until,
)


@pytest.fixture
def cluster(start: Callable[..., Any], until: Callable[..., Any]) -> Iterator[Callable[..., ClusterProcess]]:
    """Start a cluster, under its name or with more arguments, and return it when it is up; keywords are variables.

    With `container`, it is in one of this host name.
    """
    mark = uuid4().hex
    clusters = []

    def begin(*arguments: str, container: str = "", **variables: Any) -> ClusterProcess:
        by, kind = ((*IN_CONTAINER, container), ContainedCluster) if container else ((), ClusterProcess)
        process = kind(start(*(arguments or ["cluster"]), by=by, **{MARK: mark} | variables), until)
        clusters.append(process)
        process.until_up()
        return process

    yield begin
    left = marked(mark)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=10)
    for process in clusters:
        sys.stdout.write(f"Log of cluster {process.pid}:\n{process.log()}\n")
    assert not marked(mark)


@pytest.fixture
def due() -> Callable[..., None]:
    """Let schedules be due: all of them, or those of some jobs; return their time."""

    def make_due(*names: str, at: Any = None) -> Any:
        moment = at or timezone.now()
        rows = schedules.ours().filter(name__in=names) if names else schedules.ours()
        assert rows.update(next_run=moment) == (len(names) or Schedule.objects.count())
        return moment

    return make_due


@pytest.fixture
def until_busy(until: Callable[..., Any]) -> Callable[..., JobRun]:
    """Wait until a job is in the middle of its work; return its run."""
    on = JobRun.objects.filter(status=JobRun.Status.RUNNING, items_done__gt=0)
    return lambda job: until(lambda: on.filter(job=job).first())


@pytest.fixture
def until_finished(until: Callable[..., Any]) -> Callable[..., None]:
    """Wait until nothing is left of a backlog, and no run is on."""

    def wait(backlog: Backlog, seconds: float = 180) -> None:
        unfinished = JobRun.objects.filter(status__in=[JobRun.Status.QUEUED, JobRun.Status.RUNNING])
        until(lambda: backlog.left() == 0 and not unfinished.exists(), seconds)
        backlog.assert_finished()

    return wait


@pytest.fixture
def assert_works(due: Callable[..., Any], until: Callable[..., Any]) -> Callable[..., None]:
    """Let a job be due in a cluster, and check that it really runs."""

    def check(job: str = "cleanup-invitations", seconds: float = 180) -> None:
        before = {*JobRun.objects.values_list("pk", flat=True)}
        due(job)
        # Not necessarily at the first attempt: one that is interrupted goes on.
        done = JobRun.objects.filter(job=job, status=JobRun.Status.SUCCEEDED).exclude(pk__in=before)
        until(done.exists, seconds)

    return check
