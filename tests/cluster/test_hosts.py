"""Clusters in containers of their own, of one host name and of several, as an orchestrator starts and kills them."""

import subprocess
from collections import Counter

import pytest

from maintenance.models import ClusterHeartbeat, JobRun
from maintenance.scheduling import schedules
from tests.cluster.processes import IN_CONTAINER, SLOW


def can_contain():
    done = subprocess.run([*IN_CONTAINER, "host", "true"], check=False, capture_output=True)
    return done.returncode == 0


pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # SQLite is for one machine
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not can_contain(), reason="Nobody may make namespaces here."),
]

Status = JobRun.Status
NAMES = pytest.mark.parametrize("names", [("bazaar", "bazaar"), ("bazaar-0", "bazaar-1")])


@NAMES
def test_a_live_run_is_left_alone_and_that_of_a_killed_container_is_made_good(
    names, cluster, backlog, due, until_busy, until_finished, until, run
):
    tokens = backlog(2_000)
    first = cluster(container=names[0], **SLOW)
    due(tokens.job.name)
    on = until_busy(tokens.job.name)
    second = cluster(container=names[1])

    # The newcomer looks for runs whose process is gone before it looks at anything else.
    until(lambda: ClusterHeartbeat.objects.count() == 2)
    assert set(ClusterHeartbeat.objects.values_list("host", flat=True)) == set(names)
    assert JobRun.objects.get(pk=on.pk).status == Status.RUNNING

    first.kill()

    until_finished(tokens)
    on.refresh_from_db()
    assert (on.status, on.host) == (Status.CRASHED, names[0])
    again = JobRun.objects.get(pk__gt=on.pk, job=tokens.job.name)
    assert (again.trigger, again.status, again.host) == (JobRun.Trigger.RECOVERY, Status.SUCCEEDED, names[1])
    tokens.assert_exact()
    second.stop()


def test_each_time_is_used_once_while_containers_come_and_go(cluster, due, until, chance):
    """They have one host name, and the leader of each is process 1."""
    there = [cluster(container="bazaar") for _ in range(2)]
    times = Counter()
    for step in ("scale up", "kill", "scale down", "replace"):
        moment = due()
        times.update(schedules.ours().values_list("name", flat=True))
        victim = chance.choice(there)
        if step == "kill":
            victim.kill()
        elif step != "scale up":
            victim.stop()
        if step == "scale down":
            there.remove(victim)
        else:
            there = [one for one in there if one is not victim or step == "scale up"]
            there.append(cluster(container="bazaar"))
        ended = JobRun.objects.filter(slot=moment).exclude(status__in=[Status.QUEUED, Status.RUNNING])
        until(lambda ended=ended: ended.count() == len(set(times)))
        unfinished = JobRun.objects.filter(status__in=[Status.QUEUED, Status.RUNNING])
        until(lambda unfinished=unfinished: not unfinished.exists())

    assert Counter(JobRun.objects.filter(slot__isnull=False).values_list("job", flat=True)) == times
    for one in there:
        one.stop()
