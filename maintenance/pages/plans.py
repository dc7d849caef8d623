"""A dry run as a plan: compared with a real run, and as the offer to run the job now."""

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
from maintenance.pages.formatting import DASH, figure
from maintenance.reporting.status import get_history

VALID_FOR = timedelta(days=1)
"""An older plan says little about the items that are due."""
MOMENTS = ("cutoff", "oldest", "newest")
MAIN_COUNTS = frozenset({"deleted", "changed"})


class PlanOutdated(MaintenanceError):
    """A plan is no longer valid."""


@dataclass(frozen=True)
class Comparison:
    """`rows` are label, figure of the plan, figure of the run. `is_requested`: the run was requested from the plan."""

    plan: JobRun
    run: JobRun | None
    is_requested: bool
    rows: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Offer:
    """Whether the job may be run by a plan; `refusal` says why not. `usual`: the volume guard would stop the run."""

    due: int
    usual: int | None = None
    refusal: str = ""


def comparison_of(run: JobRun) -> Comparison | None:
    """Return a dry run with the last real run before it, or a real run with its plan; `None` without a plan."""
    if run.dry_run:
        return _compare(run, _acted(run).filter(pk__lt=run.pk).first()) if run.status == Status.SUCCEEDED else None
    plan = plan_of(run)
    return _compare(plan, run) if plan else None


def plan_of(run: JobRun) -> JobRun | None:
    """Return the dry run that a real run was requested from; else the latest before it, if no run was in between."""
    plans = get_history(run.job).filter(dry_run=True, status=Status.SUCCEEDED)
    if requested := run.details.get("plan"):
        return plans.filter(pk=requested).first()
    if run.started_at is None:
        return None
    plan = plans.filter(finished_at__lte=run.started_at, finished_at__gt=run.started_at - VALID_FOR).first()
    if plan is None or plan.details.get("options") != run.details.get("options"):
        return None
    return None if _acted(run).filter(pk__lt=run.pk, started_at__gt=plan.started_at).exists() else plan


def follower_of(plan: JobRun) -> JobRun | None:
    """Return the first real run after a plan, started or queued."""
    after = get_history(plan.job).filter(dry_run=False, pk__gt=plan.pk)
    return after.filter(Q(status=Status.QUEUED) | Q(started_at__isnull=False)).order_by("pk").first()


def valid_plan_of(name: str, now: datetime) -> JobRun | None:
    """Return the last dry run of a job, where the job may be run by it."""
    plan = get_history(name).filter(dry_run=True, finished_at__isnull=False).first()
    offer = offer_of(plan, follower_of(plan), now) if plan else None
    return plan if offer and not offer.refusal else None


def offer_of(plan: JobRun, follower: JobRun | None, now: datetime) -> Offer | None:
    """Return whether the job may be run by a dry run; `None` where the dry run has not succeeded."""
    job = registry.find(plan.job)
    if not plan.dry_run or plan.status != Status.SUCCEEDED or job is None:
        return None
    due = plan.items_due or 0
    if plan.details.get("options"):
        return Offer(due, refusal=_("This dry run had an option of the command line: run the job there."))
    if follower:
        return Offer(due, refusal=_("Run %(id)d followed this dry run: repeat the dry run.") % {"id": follower.pk})
    if plan.finished_at and now - plan.finished_at > VALID_FOR:
        return Offer(due, refusal=_("This dry run is more than a day old: repeat the dry run."))
    return Offer(due, usual=volume_guard.exceeded(job, due))


def verify(plan: JobRun, now: datetime) -> None:
    """Raise `PlanOutdated` when `plan` is no longer valid. A run that is already queued is the same request."""
    follower = follower_of(plan)
    offer = offer_of(plan, None if follower and follower.status == Status.QUEUED else follower, now)
    if offer is None or offer.refusal:
        raise PlanOutdated(offer.refusal if offer else _("This dry run has not succeeded."))


def _acted(run: JobRun) -> QuerySet[JobRun]:
    """Return the real runs of the same job that started and have ended, the latest first."""
    return get_history(run.job).filter(dry_run=False, started_at__isnull=False).exclude(status__in=UNFINISHED)


def _compare(plan: JobRun, run: JobRun | None) -> Comparison:
    is_requested = run is not None and run.details.get("plan") == plan.pk
    return Comparison(plan, run, is_requested, list(_rows(plan, run)))


def _rows(plan: JobRun, run: JobRun | None) -> Iterator[tuple[str, str, str]]:
    planned, done = plan.details, run.details if run else {}
    yield _("Due"), figure(plan.items_due), figure(run.items_due if run else None)
    yield from _main_count(plan, run)
    yield from _counts(planned.get("counts", {}), done.get("counts", {}))
    if done.get("backlog"):
        yield labels_of()["backlog"], figure(None), figure(done["backlog"])
    for name in MOMENTS:
        moments = [shown(details[name]) if details.get(name) else DASH for details in (planned, done)]
        if moments != [DASH, DASH]:
            yield labels_of()[name], moments[0], moments[1]


def _main_count(plan: JobRun, run: JobRun | None) -> Iterator[tuple[str, str, str]]:
    """Yield the items that the job processes, with its verb as label."""
    if job := registry.find(plan.job):
        verb = job.verb
        would = plan.details.get("counts", {}).get(verb.would, 0)
        done = run.items_done if run and run.items_due is not None else None
        yield verb.infinitive.capitalize(), figure(would), figure(done)


def _counts(planned: Mapping[str, int], done: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*planned, *done]):
        if name not in MAIN_COUNTS and not name.startswith("would_"):
            yield labels_of().get(name) or humanised(name), figure(planned.get(name)), figure(done.get(name))
