"""What a job is: a name, a time, what is due, and what is done about it.

Everything else (dry run, batches, lease, history, log, errors) is the engine's, see `maintenance.engine.runner`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.core.checks import CheckMessage
from django.db.models import Count, Max, Min, Model, QuerySet

from maintenance.core.retention import Retention

M = TypeVar("M", bound=Model)
K = TypeVar("K")


@dataclass(frozen=True)
class Outcome:
    """What became of the units of one batch.

    `deleted` and `changed` are what the job is about, and are done; `unchanged` were looked at and left alone on
    purpose; `prepared` have changed and are left for a later stage of the job to do; `failed` maps the primary key of a
    unit to its cause, in words without personal data. `aside` are rows that changed beside what the job is about, and
    `faults` what went wrong beside it, by place. `counts` are further figures for the run's details, by name.

    A preview says with `unchanged` and `ids` what a run would leave alone and what it would act on, where that is not
    the whole batch.
    """

    deleted: int = 0
    changed: int = 0
    unchanged: int = 0
    prepared: int = 0
    aside: int = 0
    failed: Mapping[Any, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    ids: Sequence[Any] | None = None

    @property
    def done(self) -> int:
        return self.deleted + self.changed

    @property
    def has_changed_something(self) -> bool:
        return bool(self.done or self.prepared or self.aside)

    @property
    def accounted(self) -> int:
        """Rows of which the job has said what became of them."""
        return self.done + self.unchanged + self.prepared + self.aside + len(self.failed)

    def __add__(self, other: "Outcome") -> "Outcome":
        names = {*self.counts, *other.counts}
        return Outcome(
            deleted=self.deleted + other.deleted,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            prepared=self.prepared + other.prepared,
            aside=self.aside + other.aside,
            failed={**self.failed, **other.failed},
            counts={name: self.counts.get(name, 0) + other.counts.get(name, 0) for name in names},
        )


@dataclass(frozen=True)
class Stage(Generic[M]):
    """One pass of a job over what is due, in primary-key order.

    `due` shrinks as it is processed. `process` acts on a batch of it, inside the engine's transaction, and may be
    called again with a part of the same batch when it raised. `preview` says what it would do, and changes nothing.

    `ahead` does what can be done for a batch in advance, while the one before is written: on another connection, and
    without a lock. It writes nothing to the database, and bears being done again, for `process` may never come, or come
    without it. Where it was done, `process` gets its answer as `seen`, and believes it of rows only that it finds
    unchanged as it writes them.

    `before` is done once, before the first batch and even where nothing is due, in a transaction of its own; when it
    raises, the batches come all the same, and the run is partial. `on_failure` is told of each unit that raised, inside
    the transaction that counts it. What is due in a stage that is not `is_counted` is no item of the job.
    """

    due: QuerySet[M]
    process: Callable[..., Outcome]
    preview: Callable[..., Outcome] | None = None
    ahead: Callable[[QuerySet[M]], Any] | None = None
    largest_batch: int | None = None
    before: Callable[[], Outcome] | None = None
    on_failure: Callable[[Any, Exception], None] | None = None
    is_counted: bool = True
    looks_again: bool = True
    """Whether the rows of a batch are asked once more whether they are due. Where that costs as much as finding all of
    them, `process` and `preview` get the keys of those that were, and look for themselves."""
    retention: Retention | None = None
    """The age limit of its rows, where the job has several."""


@dataclass(frozen=True)
class Found(Generic[K]):
    """What is due among some of the things that a search has looked at; `counts` are figures for the run's details."""

    due: Sequence[K]
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Search(Generic[K]):
    """A pass over things that are no rows, such as files: nobody can count or order them, only look at them all.

    `everything` yields the names of what there is, some at a time, without the database. `due` tells which of them are
    due, and changes nothing. `process` acts on some of those, inside the engine's transaction; without it they are only
    reported. `preview` says what `process` would do.
    """

    everything: Callable[[], Iterator[Sequence[str]]]
    due: Callable[[Sequence[str]], Found[K]]
    process: Callable[[Sequence[K]], Outcome] | None = None
    preview: Callable[[Sequence[K]], Outcome] | None = None


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


@dataclass(frozen=True)
class Measure:
    """How many units are due, and the age of the oldest and the newest of them."""

    due: int
    oldest: datetime | None = None
    newest: datetime | None = None

    def __add__(self, other: "Measure") -> "Measure":
        """Return what both come to together: the number, the older of the oldest, the newer of the newest."""
        return Measure(
            self.due + other.due,
            min((m.oldest for m in (self, other) if m.oldest), default=None),
            max((m.newest for m in (self, other) if m.newest), default=None),
        )


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
    """Whether the brake looks at the number due before anything is done."""
    excludes: ClassVar[tuple[str, ...]] = ()
    """Names of jobs that must not run at the same time; the later one waits."""
    waits_for_disk: ClassVar[bool] = True
    """Whether each batch is on the disk before the next one begins. A job can do without if what it does outside the
    database bears being done again: what a crash of the database server takes back, a second's worth at most, is due
    again, and the run's counts go back with it. What a stage has written is on the disk before the next one begins."""
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
    def stages(self, now: datetime) -> Sequence[Stage[Any]]:
        """Return the passes of a run that began at `now`; building them touches no data."""

    def searches(self, _now: datetime, _options: Collection[str]) -> Sequence[Search[Any]]:
        """Return the passes over what is no rows; those that act come after the stages."""
        return []

    def remark(self, _counts: Mapping[str, int], _options: Collection[str]) -> str:
        """Return what the message of a run says beside how much was done, from the run's counts."""
        return ""

    @property
    def command(self) -> str:
        """Name of the management command."""
        return self.name.replace("-", "_")

    def check(self) -> list[CheckMessage]:
        """Return what is wrong with the settings that this job depends on, beyond its own retention."""
        return []

    def measure(self, now: datetime) -> Measure:
        """Return how much is due at `now`, and how old it is where it has an age limit."""
        return sum((self._measure_stage(stage) for stage in self.stages(now) if stage.is_counted), Measure(0))

    def retention_of(self, stage: Stage[Any]) -> Retention | None:
        """Return the age limit of a stage: its own, or the job's only one."""
        return stage.retention or self.retention

    def _measure_stage(self, stage: Stage[Any]) -> Measure:
        figures: dict[str, Any] = {"due": Count("*")}
        if retention := self.retention_of(stage):
            figures |= {"oldest": Min(retention.field), "newest": Max(retention.field)}
        return Measure(**stage.due.order_by().aggregate(**figures))


class QuerySetJob(Job, Generic[M]):
    """A job with one pass: the short form for plain retention."""

    @abstractmethod
    def due(self, now: datetime) -> QuerySet[M]:
        """Return what is due at `now`: pure, and shrinking as it is processed."""

    @abstractmethod
    def process(self, batch: QuerySet[M]) -> Outcome:
        """Act on a part of what is due, inside the engine's transaction."""

    def stages(self, now: datetime) -> Sequence[Stage[M]]:
        return [Stage(self.due(now), self.process)]


def delete_rows(batch: QuerySet[Any]) -> int:
    """Delete the rows of `batch` and return how many, without counting rows that went with them."""
    _, by_model = batch.delete()
    return by_model.get(batch.model._meta.label, 0)
