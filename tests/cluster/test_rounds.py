"""Two clusters on one database: every time of every job runs once."""

from collections import Counter

import pytest
from django_q.models import Task

from maintenance.core import registry
from maintenance.models import JobRun

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status = JobRun.Status


@pytest.mark.postgresql  # several machines need a database server
def test_two_clusters_run_every_time_of_every_job_once(cluster, due, until, long_form):
    pair = [cluster(), cluster()]
    names = [job.name for job in registry.all_jobs()]
    slots = []

    for _ in range(20 if long_form else 3):
        slots.append(due())
        ended = JobRun.objects.filter(slot=slots[-1], finished_at__isnull=False)
        until(lambda ended=ended: ended.count() == len(names))

    expected = Counter({(name, slot, Status.SUCCEEDED): 1 for name in names for slot in slots})
    assert Counter(JobRun.objects.values_list("job", "slot", "status")) == expected
    for one in pair:
        one.stop()
        assert one.errors() == []
    assert Task.objects.count() == len(names) * len(slots)
    for task in Task.objects.all():
        assert (task.success, task.result, task.args) == (True, Status.SUCCEEDED, [task.group])
        assert {*task.kwargs} == {"slot"}
