"""`kill -9` to each kind of process: what was lost is told and made good, and nothing goes on unattended."""

from signal import SIGKILL, SIGSTOP, SIGTERM

import psutil
import pytest

from maintenance.models import JobRun
from tests.cluster.processes import SLOW, WITHIN, is_alive

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status, Trigger = JobRun.Status, JobRun.Trigger


def test_a_job_whose_worker_is_killed_is_started_again_and_finishes(
    cluster, backlog, due, until_busy, until_finished, assert_works, long_form
):
    tokens = backlog(100)
    one = cluster(**SLOW)
    for _ in range(10 if long_form else 1):
        tokens.add(2_000)
        due(tokens.job.name)
        killed = until_busy(tokens.job.name)
        psutil.Process(killed.pid).send_signal(SIGKILL)

        until_finished(tokens)

        killed.refresh_from_db()
        assert killed.status == Status.CRASHED
        again = JobRun.objects.get(pk__gt=killed.pk, job=tokens.job.name)
        assert (again.trigger, again.status) == (Trigger.RECOVERY, Status.SUCCEEDED)
        assert_works()
        if long_form:
            one.stop()
            one = cluster(**SLOW)
    one.stop()


@pytest.mark.parametrize("role", ["worker", "sentinel", "monitor", "pusher"])
def test_an_idle_process_that_is_killed_is_noticed_and_jobs_run_afterwards(
    role, cluster, until, assert_works, chance, long_form
):
    if role in {"monitor", "pusher"} and not long_form:
        pytest.skip("only with --long")
    for _ in range(5 if long_form else 1):
        one = cluster()
        sentinel, *others = one.family()
        roles = {"sentinel": [sentinel], "worker": others[:3], "monitor": others[3:4], "pusher": others[4:]}
        victim = chance.choice(roles[role])
        victim.send_signal(SIGKILL)

        until(lambda one=one: "all of them are restarted" in one.log(), WITHIN)

        assert_works()
        one.until_up()
        one.stop()


@pytest.mark.parametrize("role", ["pusher", "sentinel"])
def test_a_process_that_is_stopped_is_replaced_and_jobs_run_afterwards(role, cluster, until, assert_works):
    one = cluster()
    sentinel, *others = one.family()
    victim = sentinel if role == "sentinel" else others[4]
    victim.send_signal(SIGSTOP)

    until(lambda: "all of them are restarted" in one.log(), 60)

    assert_works()
    one.until_up()
    one.stop()


@pytest.mark.usefixtures("only_in_long_form")
def test_a_worker_that_is_told_to_stop_alone_does_not_refuse_tasks_for_ever(
    cluster, backlog, due, until_busy, until_finished, assert_works, until
):
    tokens = backlog(1_000)
    one = cluster(**SLOW)
    due(tokens.job.name)
    run = until_busy(tokens.job.name)

    psutil.Process(run.pid).send_signal(SIGTERM)

    until_finished(tokens)
    until(lambda: "all of them are restarted" in one.log())
    assert_works()
    one.stop()


@pytest.mark.parametrize("is_busy", [False, True], ids=["idle", "busy"])
def test_nothing_outlives_a_leader_that_is_killed(is_busy, cluster, backlog, due, until_busy, until_finished):
    tokens = backlog(2_000)
    one = cluster(**SLOW)
    if is_busy:
        due(tokens.job.name)
        run = until_busy(tokens.job.name)
    family = one.family()
    one.signal(SIGKILL)

    _, alive = psutil.wait_procs(family, timeout=WITHIN)

    assert not [process for process in alive if is_alive(process)]
    assert not JobRun.objects.filter(status=Status.RUNNING).exists()
    if is_busy:
        run.refresh_from_db()
        assert run.status == Status.INTERRUPTED
        cluster()
        until_finished(tokens)
