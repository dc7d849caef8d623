from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet
from django_q.models import Task

from maintenance.core.counting import among
from maintenance.core.job import Job, Verb, delete_rows
from maintenance.core.retention import Retention
from maintenance.core.stages import Outcome, Preview, RowStage
from maintenance.core.states import FAILURES, UNFINISHED, Status
from maintenance.models import JobRun
from maintenance.reporting import totals

RUNS = Retention("RUN_HISTORY_RETENTION_DAYS", field="queued_at", days=400)
QUEUE_FAILURES = Retention("QUEUE_FAILURE_RETENTION_DAYS", field="stopped", days=30)

SUCCESSES = (Status.SUCCEEDED,)


class CleanupRunHistory(Job):
    name = "cleanup-run-history"
    description = "Delete old runs and old failures of the queue."
    about = "The last success and the last failure of each job are kept at any age, and totals do not decrease."
    schedule = "30 1 * * *"
    retentions = (RUNS, QUEUE_FAILURES)
    durable_batches = False
    verb = Verb("delete", "deleted")
    noun = ("record", "records")

    def stages(self, now: datetime) -> Sequence[RowStage[Any]]:
        failures = Task.objects.filter(success=False, stopped__lt=QUEUE_FAILURES.cutoff(now))
        return [
            # Before old ones go: then totals and metrics read few runs.
            RowStage(totals.not_totalled(), self.add_to_totals, self.preview_totals, is_counted=False),
            RowStage(self.old_runs(RUNS.cutoff(now)), self.prune_runs, retention=RUNS),
            RowStage(failures, self.delete_failures, retention=QUEUE_FAILURES),
        ]

    def old_runs(self, cutoff: datetime) -> QuerySet[JobRun]:
        old = JobRun.objects.filter(queued_at__lt=cutoff).exclude(status__in=UNFINISHED)
        return old.exclude(pk__in=_last(SUCCESSES)).exclude(pk__in=_last(FAILURES))

    def add_to_totals(self, batch: QuerySet[JobRun]) -> Outcome:
        totals.add(batch)
        return Outcome()  # no record is deleted, so none is counted

    def preview_totals(self, batch: QuerySet[JobRun]) -> Preview:
        del batch
        return Preview(ids=[])

    def prune_runs(self, batch: QuerySet[JobRun]) -> Outcome:
        rows = totals.prune(batch)
        return Outcome(deleted=rows, counts={"runs": rows})

    def delete_failures(self, batch: QuerySet[Task]) -> Outcome:
        rows = delete_rows(batch)
        return Outcome(deleted=rows, counts={"queue_failures": rows})

    def remark(self, counts: Mapping[str, int], options: Collection[str]) -> str:
        del options
        return among(counts, _NOUNS)


_NOUNS = {"runs": ("run", "runs"), "queue_failures": ("queue failure", "queue failures")}


def _last(statuses: Collection[str]) -> "QuerySet[JobRun, Any]":
    """Return the ids of the last real run of each job that ended with one of `statuses`."""
    runs = JobRun.objects.filter(dry_run=False, status__in=statuses)
    return runs.order_by().values("job").annotate(latest=Max("pk")).values("latest")
