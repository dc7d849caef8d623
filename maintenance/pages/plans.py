"""A dry run is a plan: what it said beside what really happened, and whether it may still be followed by a run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from maintenance.core import registry
from maintenance.core.errors import MaintenanceError
from maintenance.core.states import UNFINISHED, Status
from maintenance.engine import volume_guard
from maintenance.models import JobRun
from maintenance.pages.details import humanised, labels_of, shown
from maintenance.reporting.status import get_history

HOLDS = timedelta(days=1)
"""A plan that is older says little about what is due."""
MOMENTS = ("cutoff", "oldest", "newest")
TOLD_BEFORE = frozenset({"deleted", "changed"})
NOT_KNOWN = "–"


class PlanOutdated(MaintenanceError):
    """A plan may not be followed any more."""


@dataclass(frozen=True)
class Comparison:
    """`rows` are a label, what the plan said, and what the run did; `is_asked` tells that the run names the plan."""

    plan: JobRun
    run: JobRun | None
    is_asked: bool
    rows: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Offer:
    """Whether a plan may be followed: `refusal` says why not; `usual` is what the brake goes by, where it would act."""

    due: int
    usual: int | None = None
    refusal: str = ""


def comparison_of(run: JobRun) -> Comparison | None:
    """Return a dry run beside the last real run before it, or a real run beside its plan; `None` without a plan."""
    if run.dry_run:
        return _compare(run, _acted(run).filter(pk__lt=run.pk).first()) if run.status == Status.SUCCEEDED else None
    plan = plan_of(run)
    return _compare(plan, run) if plan else None


def plan_of(run: JobRun) -> JobRun | None:
    """Return the dry run that a real run was asked for after; else the latest before it, if nothing ran in between."""
    plans = get_history(run.job).filter(dry_run=True, status=Status.SUCCEEDED)
    if asked := run.details.get("plan"):
        return plans.filter(pk=asked).first()
    if run.started_at is None:
        return None
    plan = plans.filter(finished_at__lte=run.started_at, finished_at__gt=run.started_at - HOLDS).first()
    if plan is None or plan.details.get("options") != run.details.get("options"):
        return None
    return None if _acted(run).filter(pk__lt=run.pk, started_at__gt=plan.started_at).exists() else plan


def follower_of(plan: JobRun) -> JobRun | None:
    """Return the first real run that came after a plan, or that waits to."""
    waits = Q(status=Status.QUEUED)
    after = get_history(plan.job).filter(dry_run=False, pk__gt=plan.pk)
    return after.filter(waits | Q(started_at__isnull=False)).order_by("pk").first()


def offer_of(plan: JobRun, follower: JobRun | None, now: datetime) -> Offer | None:
    """Say whether a finished dry run may be followed by a real one; `None` where it has not come to an end."""
    job = next((job for job in registry.all_jobs() if job.name == plan.job), None)
    if not plan.dry_run or plan.status != Status.SUCCEEDED or job is None:
        return None
    due = plan.items_due or 0
    if plan.details.get("options"):
        return Offer(due, refusal=_("It had an option that only the command line has, so run it for real there too."))
    if follower:
        return Offer(due, refusal=_("Run %(id)d came after it, so try again what would be done.") % {"id": follower.pk})
    if plan.finished_at and now - plan.finished_at > HOLDS:
        return Offer(due, refusal=_("It was more than a day ago, so try again what would be done."))
    return Offer(due, usual=volume_guard.exceeded(job, due))


def verify(plan: JobRun, now: datetime) -> None:
    """Raise `PlanOutdated` where a run may not be asked for after `plan`; one that waits already is the same wish."""
    follower = follower_of(plan)
    offer = offer_of(plan, None if follower and follower.status == Status.QUEUED else follower, now)
    if offer is None or offer.refusal:
        raise PlanOutdated(offer.refusal if offer else _("This dry run has not come to an end."))


def _acted(run: JobRun) -> QuerySet[JobRun]:
    """Return the real runs of the same job that began and are over, the latest first."""
    return get_history(run.job).filter(dry_run=False, started_at__isnull=False).exclude(status__in=UNFINISHED)


def _compare(plan: JobRun, run: JobRun | None) -> Comparison:
    is_asked = run is not None and run.details.get("plan") == plan.pk
    return Comparison(plan, run, is_asked, list(_rows(plan, run)))


def _rows(plan: JobRun, run: JobRun | None) -> Iterator[tuple[str, str, str]]:
    said, done = plan.details, run.details if run else {}
    yield _("Due"), _figure(plan.items_due), _figure(run.items_due if run else None)
    yield from _acts(plan, run)
    yield from _counts(said.get("counts", {}), done.get("counts", {}))
    if done.get("backlog"):
        yield labels_of()["backlog"], _figure(None), _figure(done["backlog"])
    for name in MOMENTS:
        moments = [shown(details[name]) if details.get(name) else NOT_KNOWN for details in (said, done)]
        if moments != [NOT_KNOWN, NOT_KNOWN]:
            yield labels_of()[name], moments[0], moments[1]


def _acts(plan: JobRun, run: JobRun | None) -> Iterator[tuple[str, str, str]]:
    """Yield what the job is about, as its verb has it."""
    verb = next((job.verb for job in registry.all_jobs() if job.name == plan.job), None)
    if verb:
        would = plan.details.get("counts", {}).get(f"would_{verb.infinitive}", 0)
        done = run.items_done if run and run.items_due is not None else None
        yield verb.infinitive.capitalize(), _figure(would), _figure(done)


def _counts(said: Mapping[str, int], done: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*said, *done]):
        if name not in TOLD_BEFORE and not name.startswith("would_"):
            yield labels_of().get(name) or humanised(name), _figure(said.get(name)), _figure(done.get(name))


def _figure(number: int | None) -> str:
    return NOT_KNOWN if number is None else f"{number:,}"
