"""The list of jobs: a row each, those with problems first. Details of a job are on its own page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy as _lazy

from maintenance.core import registry
from maintenance.core.states import JobState, Level, Status
from maintenance.health import snapshot
from maintenance.health.check_result import CheckResult
from maintenance.health.context import HealthContext
from maintenance.models import JobRun
from maintenance.pages import cards, runs, sparkline
from maintenance.pages.access import VIEW, needs
from maintenance.pages.check_results import summary_of
from maintenance.pages.legend import legend
from maintenance.pages.search import hits_of
from maintenance.pages.views import page_of
from maintenance.reporting import cached_backlog
from maintenance.reporting.cached_backlog import CachedBacklog
from maintenance.reporting.status import JobStatus

LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Row:
    """A job in the list. `active` are its queued and running runs."""

    status: JobStatus
    state: JobState
    active: list[JobRun]
    bars: SafeString
    due: str
    due_at_stop: int | None
    is_irreversible: bool


class ListFilter(forms.Form):
    """The filters in the address of the list. One that cannot be read filters nothing."""

    q = forms.CharField(label=_lazy("Job, or a number"), required=False, max_length=LONGEST_SEARCH)
    state = forms.ChoiceField(required=False, choices=JobState.choices)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.is_valid()
        self.words: str = self.cleaned_data.get("q", "")
        self.wanted: str = self.cleaned_data.get("state", "")

    def has_words(self, row: Row) -> bool:
        """Whether name and description of a job have all words of the search."""
        text = f"{row.status.name} {row.status.description}".lower()
        return all(word in text for word in self.words.lower().split())

    def is_in_state(self, row: Row) -> bool:
        return not self.wanted or row.state == self.wanted

    def address(self, state: str) -> str:
        """Return the query of the list with the same words and another state."""
        return urlencode({name: value for name, value in (("q", self.words), ("state", state)) if value})


@needs(VIEW)
def page(request: HttpRequest) -> HttpResponse:
    """The list of jobs. A search that finds one page of another kind, such as a run by its number, leads there."""
    hits = hits_of(request.user, request.GET.get("q", "").strip())
    if len(hits) == 1:
        return redirect(hits[0].address)
    health = HealthContext()
    report = snapshot.page_report(health)
    latest = runs.latest([job.name for job in health.statistics.jobs], sparkline.SLOTS)
    due = cached_backlog.of_jobs(health.now, chain.from_iterable(latest.values()))
    unfinished = [unfinished.run for unfinished in health.unfinished]
    form = ListFilter(request.GET)
    rows = list(filter(form.has_words, rows_of(health.statistics.jobs, report.results, unfinished, latest, due)))
    context = {
        "hits": hits,
        "statistics": health.statistics,
        "health": summary_of(report, health),
        "pause": health.pause,
        "rows": list(filter(form.is_in_state, rows)),
        "filter": form,
        "states": _states_of(rows, form),
        "legend": legend(),
        "backlog": due,
    }
    return page_of(request, "jobs", _("Jobs"), health.now, is_busy=bool(unfinished), **context)


def rows_of(
    jobs: Sequence[JobStatus],
    results: Sequence[CheckResult],
    unfinished: Sequence[JobRun],
    latest: Mapping[str, Sequence[JobRun]],
    due: CachedBacklog,
) -> list[Row]:
    """Return the rows of all jobs, in the order of their states."""
    worst = _worst(results)
    rows = []
    for job in jobs:
        active = [run for run in unfinished if run.job == job.name]
        rows.append(
            Row(
                status=job,
                state=_state_of(job, worst.get(job.name, Level.WELL), active),
                active=active,
                bars=sparkline.draw(latest.get(job.name, [])),
                due=cards.due_in_words(due.of(job.name)),
                due_at_stop=cards.due_at_stop(job),
                is_irreversible=registry.is_irreversible(job.name),
            )
        )
    return sorted(rows, key=lambda row: list(JobState).index(row.state))


def _worst(results: Sequence[CheckResult]) -> Mapping[str, Level]:
    """Return the worst level that the health checks found, by job."""
    worst: dict[str, Level] = {}
    for result in results:
        worst[result.job] = max(result.level, worst.get(result.job, Level.WELL), key=list(Level).index)
    return worst


def _state_of(job: JobStatus, level: Level, active: Sequence[JobRun]) -> JobState:
    if level is not Level.WELL:
        return JobState.ERROR if level is Level.WRONG else JobState.WARNING
    if active:
        is_running = any(run.status == Status.RUNNING for run in active)
        return JobState.RUNNING if is_running else JobState.QUEUED
    return JobState.HEALTHY if job.enabled else JobState.DISABLED


def _states_of(rows: Sequence[Row], form: ListFilter) -> list[tuple[str, str, int, bool]]:
    """Return the links to the states: query, label, number of jobs, and whether it is the present one."""
    counted = Counter(row.state for row in rows)
    links = [(form.address(""), _("All"), len(rows), not form.wanted)]
    return links + [
        (form.address(state), str(state.label), counted[state], state == form.wanted)
        for state in JobState
        if counted[state] or state == form.wanted
    ]
