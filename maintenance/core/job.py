"""What a job is: a name, a schedule, what is due, and what is done about it.

Everything else (dry run, batches, lease, history, log, errors) is the engine's, see `maintenance.engine.runner`.
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
    """Something that only its own command can ask of a job: `--sweep`."""

    name: str
    help: str


@dataclass(frozen=True)
class Verb:
    """What a job does, in two moods: it would `delete`; it has `deleted`."""

    infinitive: str
    past: str


class Job(ABC):
    """Base of every job."""

    name: ClassVar[str]
    description: ClassVar[str]
    """What it does, in one sentence."""
    about: ClassVar[str] = ""
    """What else an operator should know of it."""
    schedule: ClassVar[str]
    """Cron expression, five fields, UTC."""
    enabled: ClassVar[bool] = True
    """Whether its schedule is created enabled."""
    irreversible: ClassVar[bool] = True
    """Whether the volume guard compares the number due with what is usual before anything is done."""
    excludes: ClassVar[tuple[str, ...]] = ()
    """Names of jobs that must not run at the same time; the later one waits."""
    durable_batches: ClassVar[bool] = True
    """Whether each batch is on the disk before the next one begins. `False` is faster on PostgreSQL, and safe for a job
    whose effects outside the database can be repeated: a crash of the database server takes back at most the last
    second, rows and counts together. Each stage is on the disk before the next one begins, whatever this says."""
    retention: ClassVar[Retention | None] = None
    """Its age limit, where it has one."""
    retentions: ClassVar[Sequence[Retention]] = ()
    """All its age limits: one that has several lists them here, and each stage names its own."""
    verb: ClassVar[Verb] = Verb("delete", "deleted")
    noun: ClassVar[tuple[str, str] | None] = None
    """What it is about, in the singular and in the plural; `None`: what the rows of its first stage are called."""
    options: ClassVar[tuple[Option, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.retention:
            cls.retentions = (cls.retention,)

    @abstractmethod
    def stages(self, now: datetime) -> Sequence[RowStage[Any] | PrefetchStage[Any, Any] | KeyStage[Any]]:
        """Return the stages of a run that began at `now`; building them reads no data."""

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
        """Return what is wrong with the settings that this job depends on, beyond its own retention."""
        return []

    def retention_of(self, stage: Stage[Any]) -> Retention | None:
        """Return the age limit of a stage: its own, or the job's only one."""
        return stage.retention or self.retention


class QuerySetJob(Job, Generic[M]):
    """A job with one pass: the short form for plain retention."""

    @abstractmethod
    def due(self, now: datetime) -> QuerySet[M]:
        """Return what is due at `now`: pure, and shrinking as it is processed."""

    @abstractmethod
    def process(self, batch: QuerySet[M]) -> Outcome:
        """Act on a part of what is due, inside the engine's transaction."""

    def stages(self, now: datetime) -> Sequence[RowStage[M] | PrefetchStage[M, Any] | KeyStage[M]]:
        return [RowStage(self.due(now), self.process)]


def delete_rows(batch: QuerySet[Any]) -> int:
    """Delete the rows of `batch` and return how many, without counting rows that went with them."""
    _, by_model = batch.delete()
    return by_model.get(batch.model._meta.label, 0)
