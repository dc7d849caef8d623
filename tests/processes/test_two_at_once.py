"""Two commands for one job: one works, and the other says that it was not needed."""

import pytest

from maintenance.models import JobRun

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status = JobRun.Status


def test_of_two_concurrent_commands_one_works_and_one_is_skipped(backlog, start, long_form):
    rounds = 10 if long_form else 2
    due = backlog(1)
    for _ in range(rounds):
        JobRun.objects.all().delete()
        due.add(140)  # four batches, and a pause after each
        pair = [start(due.job.command, MAINTENANCE_BATCH_PAUSE="1") for _ in range(2)]
        skipped, worked = sorted((command.wait() for command in pair), key=lambda ended: -ended.status)

        assert (skipped.status, worked.status) == (75, 0), (skipped, worked)
        assert sorted(JobRun.objects.values_list("status", flat=True)) == [Status.SKIPPED, Status.SUCCEEDED]
        assert "of this job is running" in skipped.err
        assert due.left() == 0


def test_two_different_jobs_work_side_by_side(backlog, start):
    tokens, invitations = backlog(1_000), backlog(1_000, "cleanup-invitations")
    pair = [start(due.job.command) for due in (tokens, invitations)]

    assert [command.wait().status for command in pair] == [0, 0]
    assert tokens.left() == invitations.left() == 0
    assert sum(JobRun.objects.values_list("items_done", flat=True)) == 2_000
