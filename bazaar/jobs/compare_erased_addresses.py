from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.core.checks import CheckMessage
from django.db.models import DateTimeField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from bazaar.decisions import returned
from maintenance.api import Job, Outcome, Preview, RowStage, Verb
from maintenance.core.counting import counted
from maintenance.core.errors import NotReady, RunMustEnd
from maintenance.models import JobRun

LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


class CompareErasedAddresses(Job):
    name = "compare-erased-addresses"
    description = "Compare addresses with the digests of erased persons, and warn where one has come back."
    about = "It changes nothing but the list of places that the doctor tells. Texts are compared once."
    schedule = "30 5 * * *"
    irreversible = False
    durable_batches = False
    respects_holds = False
    verb = Verb("compare", "compared")
    noun = ("row", "rows")

    def findings(self) -> list[CheckMessage]:
        return returned.findings()

    def stages(self, now: datetime) -> Sequence[RowStage[Any]]:
        return [
            RowStage(
                column.rows(self._since),
                partial(self.compare, column, now),
                self.preview,
                is_counted=False,
                before=self.prepare if number == 0 else None,
            )
            for number, column in enumerate(returned.columns())
        ]

    @property
    def _since(self) -> Coalesce:
        """When the run before the last one began, as a part of a statement: those who write may be slow."""
        runs = JobRun.objects.filter(job=self.name, dry_run=False, status=JobRun.Status.SUCCEEDED).order_by("-pk")
        return Coalesce(Subquery(runs.values("started_at")[1:2]), Value(LONG_AGO), output_field=DateTimeField())

    def prepare(self) -> Outcome:
        returned.forget_what_is_gone()
        return Outcome()

    def compare(self, column: returned.Column, now: datetime, batch: QuerySet[Any]) -> Outcome:
        rows = batch.count()
        try:
            found = returned.compare(column, batch, now)
        except NotReady as refusal:
            raise RunMustEnd(str(refusal)) from refusal
        return Outcome(unchanged=rows, counts={"returned": found, "compared": rows} if found else {"compared": rows})

    def preview(self, batch: QuerySet[Any]) -> Preview:
        return Preview(ids=[], counts={self.verb.would: batch.count()})

    def remark(self, counts: Any, options: object) -> str:
        del options
        if counts.get("returned"):
            rows = counted(counts["returned"], self.noun)
            return f"Addresses of erased persons are back in {rows}: see `manage.py doctor`."
        if counts.get("compared"):
            return f"Compared {counted(counts['compared'], self.noun)}; none holds the address of an erased person."
        return ""
