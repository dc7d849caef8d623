"""`manage.py cluster` and `manage.py qcluster` are one command, whole under both names."""

import os
import re
from datetime import timedelta
from signal import SIGINT, SIGTERM

import pytest
from django.utils import timezone

from maintenance import __version__
from maintenance.models import JobRun
from maintenance.reporting import status
from maintenance.scheduling import schedules
from tests.cluster.processes import SLOW

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

both_names = pytest.mark.parametrize("name", ["cluster", "qcluster"])
STARTED = re.compile(r"Cluster (\S+) on \S+ started with 3 workers\. Next run: (\S+), (\S+ \S+) UTC\.")
Status = JobRun.Status


@both_names
def test_each_name_starts_the_whole_of_it_and_a_signal_to_its_group_ends_it(
    name, cluster, backlog, due, until, until_busy
):
    upcoming = min((job.next_run, job.name) for job in status.get_status().jobs)
    tokens = backlog(2_000)
    one = cluster(name, **SLOW)
    until(one.out)
    version, job, moment = STARTED.match(one.out()).groups()
    assert (version, moment, job) == (__version__, f"{upcoming[0]:%Y-%m-%d %H:%M}", upcoming[1])
    slot = due(tokens.job.name)
    run = until_busy(tokens.job.name)
    assert (run.trigger, run.slot) == (JobRun.Trigger.SCHEDULE, slot)
    family = one.family()

    os.killpg(one.pid, SIGTERM)

    ended = one.assert_down(family)
    assert one.errors() == []
    run.refresh_from_db()
    assert run.status == Status.INTERRUPTED
    assert ended.out.splitlines()[1:] == [f"Cluster {__version__} on {run.host} stopped: SIGTERM. 1 run was stopped."]


@both_names
def test_an_idle_one_says_that_it_stopped_nothing(name, cluster, until):
    schedules.ours().update(next_run=timezone.now() + timedelta(days=400))
    one = cluster(name)
    until(one.out)
    until(lambda: not [job for job in status.get_status().jobs if job.problem])

    ended = one.stop(SIGINT, everybody=True)

    assert ended.out.endswith("stopped: SIGINT. No runs were stopped.\n")
    assert "later than its schedule;" in one.log()


@both_names
@pytest.mark.parametrize(
    ("arguments", "variables", "exit_status", "sentence"),
    [
        (["--run-once"], {}, 2, "--run-once is refused: `manage.py jobs run JOB` runs a job once, and ends."),
        (["-n", "other"], {}, 2, "--name is refused: all clusters share the queue 'bazaar'. Omit it."),
        (["--name", "other"], {}, 2, "--name is refused: all clusters share the queue 'bazaar'. Omit it."),
        ([], {"Q_CLUSTER_NAME": "other"}, 78, "Q_CLUSTER_NAME names another queue than 'bazaar'"),
    ],
)
def test_nobody_starts_half_of_it(name, arguments, variables, exit_status, sentence, run):
    ended = run(name, *arguments, **variables)

    assert (ended.status, ended.out) == (exit_status, "")
    assert ended.err.startswith(sentence)
    assert ended.err.count("\n") == 1


def test_the_queues_own_name_is_no_other(cluster, until):
    one = cluster("qcluster", "--name", "bazaar")
    until(one.out)
    one.stop()


@both_names
def test_the_order_of_the_apps_does_not_matter(name, cluster, assert_works, until):
    """Which command wins is Django's rule: the one of the app that is listed first."""
    one = cluster(name, DJANGO_SETTINGS_MODULE="tests.settings.queue_first")
    until(one.out)
    assert STARTED.match(one.out())
    assert_works()
    one.stop()
    assert one.errors() == []
