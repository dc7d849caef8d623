from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet
from django_q.models import Task

from bazaar.models import DeletionRequest
from maintenance.core.job import Job, Outcome, Stage, Verb, delete_rows
from maintenance.core.retention import Retention
from maintenance.core.states import FAILURES, UNFINISHED, Status
from maintenance.models import JobRun
from maintenance.reporting import totals

RUNS = Retention("RUN_HISTORY_RETENTION_DAYS", field="queued_at", days=400)
QUEUE_FAILURES = Retention("QUEUE_FAILURE_RETENTION_DAYS", field="stopped", days=30)
EVIDENCE = Retention("DELETION_EVIDENCE_RETENTION_YEARS", field="completed_at", years=3)

SUCCESSES = (Status.SUCCEEDED,)


class CleanupRunHistory(Job):
    name = "cleanup-run-history"
    description = (
        "Delete old runs, failures of the queue, and the evidence of deletions that were carried out years ago."
    )
    about = "The last success and the last failure of each job stay whatever their age, and totals do not fall."
    schedule = "30 1 * * *"
    retentions = (RUNS, QUEUE_FAILURES, EVIDENCE)
    waits_for_disk = False
    verb = Verb("delete", "deleted")
    noun = ("record", "records")

    def stages(self, now: datetime) -> Sequence[Stage[Any]]:
        failures = Task.objects.filter(success=False, stopped__lt=QUEUE_FAILURES.cutoff(now))
        return [
            Stage(self.old_runs(RUNS.cutoff(now)), self.prune_runs, retention=RUNS),
            Stage(failures, self.delete_failures, retention=QUEUE_FAILURES),
            Stage(self.old_evidence(EVIDENCE.cutoff(now)), self.delete_evidence, retention=EVIDENCE),
        ]

    def old_runs(self, cutoff: datetime) -> QuerySet[JobRun]:
        old = JobRun.objects.filter(queued_at__lt=cutoff).exclude(status__in=UNFINISHED)
        return old.exclude(pk__in=_last(SUCCESSES)).exclude(pk__in=_last(FAILURES))

    def old_evidence(self, cutoff: datetime) -> QuerySet[DeletionRequest]:
        completed: QuerySet[DeletionRequest] = DeletionRequest.objects.filter(status=DeletionRequest.Status.COMPLETED)
        return completed.filter(completed_at__lt=cutoff)

    def prune_runs(self, batch: QuerySet[JobRun]) -> Outcome:
        rows = totals.prune(batch)
        return Outcome(deleted=rows, counts={"runs": rows})

    def delete_failures(self, batch: QuerySet[Task]) -> Outcome:
        rows = delete_rows(batch)
        return Outcome(deleted=rows, counts={"queue_failures": rows})

    def delete_evidence(self, batch: QuerySet[DeletionRequest]) -> Outcome:
        rows = delete_rows(batch)
        return Outcome(deleted=rows, counts={"deletion_requests": rows})

    def remark(self, counts: Mapping[str, int], _options: Collection[str]) -> str:
        parts = [f"{counts[kind]:,} {kind.replace('_', ' ')}" for kind in _KINDS if counts.get(kind)]
        return f"These were: {', '.join(parts)}." if parts else ""


_KINDS = ("runs", "queue_failures", "deletion_requests")


def _last(statuses: Collection[str]) -> "QuerySet[JobRun, Any]":
    """Return the ids of the last real run of each job that ended with one of `statuses`."""
    runs = JobRun.objects.filter(dry_run=False, status__in=statuses)
    return runs.order_by().values("job").annotate(latest=Max("pk")).values("latest")
