"""SIGTERM and SIGINT, to the leader alone and to all processes, idle and in the middle of a job."""

from signal import SIGINT, SIGTERM

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from maintenance.models import JobRun
from tests.cluster.processes import SLOW

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status = JobRun.Status


@pytest.mark.parametrize("everybody", [False, True], ids=["leader", "everybody"])
@pytest.mark.parametrize("number", [SIGTERM, SIGINT], ids=lambda number: number.name)
def test_a_cluster_is_down_in_time_and_the_work_goes_on_with_the_next(
    number, everybody, cluster, backlog, due, until_busy, until_finished, long_form
):
    tokens = backlog(2_000)
    for _ in range(10 if long_form else 1):
        tokens.add(1_000)
        busy = cluster(**SLOW)
        due(tokens.job.name)
        interrupted = until_busy(tokens.job.name)

        busy.stop(number, everybody=everybody)

        assert busy.errors() == []
        interrupted.refresh_from_db()
        assert interrupted.status == Status.INTERRUPTED
        assert interrupted.items_done > 0
        assert tokens.left() > 0
        tokens.assert_exact()
        assert not JobRun.objects.filter(status=Status.RUNNING).exists()

        idle = cluster()
        until_finished(tokens)
        # The one that stops may have asked for a run before it knew that it stops: such a run begins nothing.
        *declined, resumed = JobRun.objects.filter(pk__gt=interrupted.pk, job=tokens.job.name).order_by("pk")
        assert [(run.status, run.started_at) for run in declined] == [(Status.INTERRUPTED, None)] * len(declined)
        assert len(declined) <= 1
        assert (resumed.trigger, resumed.status) == (JobRun.Trigger.RECOVERY, Status.SUCCEEDED)
        idle.stop(number, everybody=everybody)
        assert idle.errors() == []


def test_what_the_queue_had_handed_out_is_not_lost(cluster, backlog, due, until, until_busy):
    """Three workers are busy: further tasks wait in the queue of the processes, and outlive them."""
    first = cluster(MAINTENANCE_BATCH_PAUSE="1")
    slow = [backlog(300, job) for job in ("cleanup-push-tokens", "cleanup-invitations", "delete-audit-logs")]
    due(*(each.job.name for each in slow))
    for each in slow:
        until_busy(each.job.name)
    waiting = ("cleanup-run-history", "recalculate-karma", "cleanup-orphaned-files")
    due(*waiting)
    until(lambda: OrmQ.objects.filter(lock__gt=timezone.now()).count() >= 2)

    first.stop()

    cluster(MAINTENANCE_BATCH_SECONDS="0.1")
    ran = JobRun.objects.filter(status=Status.SUCCEEDED)
    until(lambda: {*ran.values_list("job", flat=True)} >= {*waiting, *(each.job.name for each in slow)})
    for each in slow:
        assert each.left() == 0
