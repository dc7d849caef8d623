"""Schedule rows and recoveries, as the tests of scheduling read and change them."""

from django_q.models import Schedule

from maintenance.models import JobRun
from maintenance.scheduling import schedules

JOB, OTHER = "cleanup-push-tokens", "cleanup-invitations"


def row_of(name=JOB):
    return schedules.ours().get(name=name)


def set_row(name=JOB, **fields):
    assert Schedule.objects.filter(name=name).update(**fields) == 1


def recoveries():
    """Return job and status of each run that recovery started, the first one first."""
    runs = JobRun.objects.filter(trigger=JobRun.Trigger.RECOVERY).order_by("pk")
    return list(runs.values_list("job", "status"))
