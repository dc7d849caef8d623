"""The definition of a job: a name, a schedule, a query for the due rows, and the processing of a batch.

The engine does everything else (dry run, batches, lease, history, log, errors), see `maintenance.engine.runner`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic

from django.core.checks import CheckMessage
from django.db.models import QuerySet

from maintenance.core.retention import Retention
from maintenance.core.stages import FileStage, KeyStage, M, Outcome, PrefetchStage, RowStage, Stage


@dataclass(frozen=True)
class Option:
    """An option of a job's own command, such as `--sweep`."""

    name: str
    help: str


@dataclass(frozen=True)
class Verb:
    """The verb for a job's work: it would `delete`; it has `deleted`."""

    infinitive: str
    past: str

    @property
    def would(self) -> str:
        """The name of the figure with which a dry run says how many units a run would process."""
        return f"would_{self.infinitive}"


class Job(ABC):
    """Base of every job."""

    name: ClassVar[str]
    description: ClassVar[str]
    """One sentence: the job's work."""
    about: ClassVar[str] = ""
    """Further sentences for an operator."""
    schedule: ClassVar[str]
    """Cron expression, five fields, UTC."""
    enabled: ClassVar[bool] = True
    """Whether its schedule is created enabled."""
    irreversible: ClassVar[bool] = True
    """Whether the volume guard compares the number due with what is usual before anything is done."""
    excludes: ClassVar[tuple[str, ...]] = ()
    """The names of jobs that never run alongside; the later one waits."""
    durable_batches: ClassVar[bool] = True
    """Whether each batch is on the disk before the next one begins. `False` is faster on PostgreSQL, and safe for a job
    whose effects outside the database can be repeated: a crash of the database server undoes at most the last second,
    rows and counts together. Each stage is on the disk before the next one begins in either case."""
    respects_holds: ClassVar[bool] = True
    """Whether it leaves alone the rows that the project holds back (`MAINTENANCE_HOLDS`)."""
    retention: ClassVar[Retention | None] = None
    """The age limit, where there is one."""
    retentions: ClassVar[Sequence[Retention]] = ()
    """All age limits. A job with several lists them here, and each stage names its own."""
    verb: ClassVar[Verb] = Verb("delete", "deleted")
    noun: ClassVar[tuple[str, str] | None] = None
    """The name of a unit, in the singular and in the plural; by default the verbose name of the first stage's model."""
    options: ClassVar[tuple[Option, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.retention:
            cls.retentions = (cls.retention,)

    @abstractmethod
    def stages(self, now: datetime) -> Sequence[RowStage[Any] | PrefetchStage[Any, Any] | KeyStage[Any]]:
        """Return the stages of a run that started at `now`; building them reads no row of what may be due."""

    def file_stages(self, now: datetime, options: Collection[str]) -> Sequence[FileStage[Any]]:
        """Return the stages over files. Those that act come after `stages`, those that only report at the end."""
        del now, options
        return []

    def remark(self, counts: Mapping[str, int], options: Collection[str]) -> str:
        """Return a sentence that follows the number of units in the message of a run; `counts` are the run's."""
        del counts, options
        return ""

    @property
    def command(self) -> str:
        """Name of the management command."""
        return self.name.replace("-", "_")

    def check(self) -> list[CheckMessage]:
        """Return the faults of the settings that this job depends on, beyond its own retention."""
        return []

    def findings(self) -> list[CheckMessage]:
        """Return what the doctor has to tell about this job. An error keeps this job, and no other, from running."""
        return []

    def retention_of(self, stage: Stage[Any]) -> Retention | None:
        """Return the age limit of a stage: its own, or the job's only one."""
        return stage.retention or self.retention

    def limit_name(self, stage: Stage[Any] | FileStage[Any]) -> str:
        """Return the setting of a stage's age limit; a blank text where it has none."""
        limit = self.retention if isinstance(stage, FileStage) else self.retention_of(stage)
        return limit.setting if limit else ""


class QuerySetJob(Job, Generic[M]):
    """A job with one pass: the short form for plain retention."""

    @abstractmethod
    def due(self, now: datetime) -> QuerySet[M]:
        """Return the rows that are due at `now`. Reads only; processed rows are no longer due."""

    @abstractmethod
    def process(self, batch: QuerySet[M]) -> Outcome:
        """Process a batch of the due rows, inside the engine's transaction."""

    def stages(self, now: datetime) -> Sequence[RowStage[M] | PrefetchStage[M, Any] | KeyStage[M]]:
        return [RowStage(self.due(now), self.process)]


def delete_rows(batch: QuerySet[Any]) -> int:
    """Delete the rows of `batch` and return their number, without the rows that were deleted by cascade."""
    _, by_model = batch.delete()
    return by_model.get(batch.model._meta.label, 0)
