"""The report for a period: what was due, done, late and held by age limit, and what went wrong.

Its figures are the sums of the real runs that ended in the period. It reads the daily totals and the runs that are in
none yet, so that pruning the history changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Sum

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.errors import InvalidRetention
from maintenance.core.job import Job
from maintenance.core.states import Status
from maintenance.reporting.figures import Figures, Units, figures_of
from maintenance.reporting.sections import Section, sections_of
from maintenance.reporting.totals import daily_rows, not_totalled
from maintenance.total_models import DailyTotal


@dataclass(frozen=True)
class Period:
    """Whole days in UTC, the first and the last one included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"The period ends on {self.last}, before it begins on {self.first}.")

    @classmethod
    def of_last_month(cls, now: datetime) -> "Period":
        """Return the last month that is over at `now`."""
        last = now.astimezone(UTC).date().replace(day=1) - timedelta(days=1)
        return cls(last.replace(day=1), last)

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def until(self) -> datetime:
        """The first moment after the period; of a period without a day after it, the last moment."""
        if self.last == date.max:
            return datetime.combine(self.last, time.max, UTC)
        return datetime.combine(self.last, time(), UTC) + timedelta(days=1)


@dataclass(frozen=True)
class LimitLine:
    """What became of the units of an age limit. A blank setting stands for units without a limit of their own."""

    job: str
    setting: str
    limit: str
    units: Units

    def as_json(self) -> dict[str, Any]:
        return {"job": self.job, "setting": self.setting, "limit": self.limit, **self.units.as_dict()}


@dataclass(frozen=True)
class JobLine:
    """The runs of a job."""

    job: str
    figures: Figures

    def as_json(self) -> dict[str, Any]:
        figures = self.figures
        return {
            "job": self.job,
            "runs": figures.runs,
            "statuses": {
                str(status): figures.statuses.get(status, 0) for status in Status if status in figures.statuses
            },
            "failures": figures.failures,
            "missed": figures.missed,
            "failed": figures.failed,
            **figures.units.as_dict(),
            "seconds": round(figures.duration.total_seconds(), 3),
        }


@dataclass(frozen=True)
class PeriodReport:
    """`undated` runs were deleted before totals were kept by day: nobody knows whether they were in the period."""

    period: Period
    made_at: datetime
    undated: int
    limits: list[LimitLine]
    jobs: list[JobLine]
    total: Figures
    sections: list[Section]

    def as_json(self) -> dict[str, Any]:
        return {
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "made_at": self.made_at.astimezone(UTC).isoformat(),
            "undated_runs": self.undated,
            "limits": [line.as_json() for line in self.limits],
            "jobs": [line.as_json() for line in self.jobs],
            "total": {name: value for name, value in JobLine("", self.total).as_json().items() if name != "job"},
            "sections": [section.as_json() for section in self.sections],
        }


def report_of(period: Period) -> PeriodReport:
    """Return the report for a period; the days of a period that is not over have the figures so far."""
    by_job = _figures(period)
    jobs = [JobLine(name, by_job[name]) for name in _in_order(by_job)]
    undated = DailyTotal.objects.filter(day=None).aggregate(runs=Sum("runs", default=0))["runs"]
    return PeriodReport(
        period=period,
        made_at=database_now(),
        undated=undated,
        limits=[line for job in jobs for line in _limits(job)],
        jobs=jobs,
        total=sum((job.figures for job in jobs), Figures()),
        sections=sections_of(period.since, period.until),
    )


def _figures(period: Period) -> dict[str, Figures]:
    """Return the figures of each job; one statement reads totals and runs, so that no run is seen on both sides."""
    days = (period.first, period.last)
    columns = ("job", "status", "day", "runs", "items_due", "items_done", "duration", "details")
    kept = DailyTotal.objects.order_by().filter(day__range=days).values_list(*columns)
    sums = {job.name: Figures() for job in registry.all_jobs()}
    for job, status, _day, *values in daily_rows(not_totalled(), days).union(kept, all=True):
        sums[job] = sums.get(job, Figures()) + figures_of(status, *values)
    return sums


def _in_order(jobs: dict[str, Figures]) -> list[str]:
    known = [name for name in registry.names() if name in jobs]
    return [*known, *sorted(set(jobs) - set(known))]


def _limits(line: JobLine) -> Iterator[LimitLine]:
    """Yield a line for each age limit of a job; together they have the figures of the job.

    All units of a job with `retention` are of that limit. Where stages name limits of their own, runs say which
    units are of which; what older runs did not say, and what has no limit, stands in a line of its own.
    """
    job = registry.find(line.job)
    settings = [limit.setting for limit in job.retentions] if job else []
    if job and job.retention and not line.figures.limits:
        by_limit = {job.retention.setting: line.figures.units}
    else:
        by_limit = {name: units for name, units in line.figures.limits.items() if name}
    names = [*settings, *sorted(set(by_limit) - set(settings))]
    for name in names:
        yield LimitLine(line.job, name, _in_words(job, name), by_limit.get(name, Units()))
    rest = line.figures.units - sum(by_limit.values(), Units())
    if names and rest != Units():
        yield LimitLine(line.job, "", "", rest)


def _in_words(job: Job | None, setting: str) -> str:
    """Return the limit in force, in words; it may have been another one in the period."""
    try:
        return next((str(limit) for limit in job.retentions if limit.setting == setting), "") if job else ""
    except InvalidRetention:
        return ""
