"""The page of the age limits: the command's numbers, what a run makes of them, and what counting costs."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bazaar.holds.models import Hold
from bazaar.redaction.models import CleaningRule
from maintenance.core import backlog, registry
from maintenance.core.backlog import Backlog
from maintenance.core.database import statement_limit
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.pages import retention
from maintenance.reporting import cached_backlog
from maintenance.reporting.status import get_job_status, get_retention
from maintenance.scheduling import controls
from tests import factories
from tests.engine_app.models import Item
from tests.maintenance.pages.people import client_of, person, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]

NAME = "cleanup-push-tokens"
PAGE = reverse("admin:maintenance_retention")
LONG_AGO = datetime(2020, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def overdue():
    """Something past most of the limits, of different ages, and something that is not."""
    for days, old in enumerate((LONG_AGO, LONG_AGO + timedelta(days=1), timezone.now())):
        factories.RefreshTokenFactory(expires_at=old)
        factories.MagicLinkTokenFactory(expires_at=old - timedelta(days=days))
        factories.LoginAttemptFactory(created_at=old)
        factories.NotificationFactory(created_at=old)
        factories.InvitationFactory(created_at=old)
        factories.InvitationFactory(created_at=old, accepted_at=old)
        factories.PushTokenFactory(last_used_at=old)
        factories.AuditLogFactory(created_at=old)


def all_limits():
    return [(job, limit) for job in registry.all_jobs() for limit in job.retentions]


def shown(page):
    """Each setting with what is past it and the oldest, as the page has them."""
    cells = (
        r"<strong>([\d,]+)</strong></td>\s*<td[^>]*>(.*?)</td>\s*<td[^>]*>.*?</td>\s*<td[^>]*><code>(\w+)</code></td>"
    )
    return {name: (int(number.replace(",", "")), oldest) for number, oldest, name in re.findall(cells, page, re.DOTALL)}


def due_of(job, limit, now):
    """The number, counted row by row."""
    stages = [stage for stage in job.stages(now) if stage.is_counted and job.retention_of(stage) is limit]
    return sum(len(list(stage.due)) for stage in stages)


def counting(captured):
    """Return the statements that count: a few rows of rules are read beside, and whether anything is held."""
    beside = tuple(f'"{model._meta.db_table}"' for model in (CleaningRule, Hold))
    return [query for query in captured if not query["sql"].partition(" FROM ")[2].startswith(beside)]


def test_one_statement_counts_like_each_job(overdue):
    now = timezone.now()

    with CaptureQueriesContext(connection) as captured:
        measures = backlog.of_limits(all_limits(), now)

    assert len(counting(captured)) == 1
    for job in registry.all_jobs():
        of_job = [measure for (one, _), measure in zip(all_limits(), measures, strict=True) if one is job]
        without_limit = [stage for stage in job.stages(now) if stage.is_counted and not job.retention_of(stage)]
        if of_job and not without_limit:
            assert sum(of_job, Backlog()) == backlog.of_job(job, now)
    assert [measure.due for measure in measures] == [due_of(job, limit, now) for job, limit in all_limits()]
    assert sum(measure.due > 0 for measure in measures) >= 7
    assert all((measure.due > 0) == (measure.oldest is not None) for measure in measures)


def test_where_nothing_can_be_due_no_statement_counts(scratch_job):
    job = scratch_job(due=lambda _self, _now: Item.objects.none())

    with CaptureQueriesContext(connection) as captured:
        assert backlog.of_limits([(job, job.retention)], timezone.now()) == [backlog.of_job(job, timezone.now())]
    assert counting(captured) == []


def test_without_limits_nothing_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert backlog.of_limits([], timezone.now()) == []


def test_the_page_has_the_numbers_of_the_command(viewer, overdue, capsys):
    call_command("retention", json=True)
    told = {policy["setting"]: policy for policy in json.loads(capsys.readouterr().out)}

    found = shown(text_of(viewer, PAGE))

    assert set(found) == set(told) == {limit.setting for _, limit in all_limits()}
    for setting, (number, oldest) in found.items():
        assert number == told[setting]["overdue"], setting
        moment = told[setting]["oldest"]
        assert (f'datetime="{moment[:19]}Z"' in oldest) if moment else oldest == "–", setting
    assert sum(number for number, _ in found.values()) > 10


def test_the_files_have_the_numbers_of_the_command(viewer, overdue, capsys):
    call_command("retention", json=True)
    told = json.loads(capsys.readouterr().out)

    as_json = viewer.get(PAGE, {"format": "json"})
    as_csv = viewer.get(PAGE, {"format": "csv"})

    numbers = {limit["setting"]: limit["overdue"] for limit in told}
    assert {limit["setting"]: limit["overdue"] for limit in as_json.json()} == numbers
    assert {frozenset(limit) for limit in as_json.json()} == {frozenset(limit) for limit in told}
    rows = list(csv.DictReader(StringIO(as_csv.content.decode())))
    assert {row["setting"]: int(row["overdue"]) for row in rows} == numbers
    assert all(row["cutoff"].endswith("+00:00") for row in rows)
    assert as_csv.headers["Content-Disposition"] == 'attachment; filename="retention.csv"'
    assert viewer.get(PAGE, {"format": "xls"}).headers["Content-Type"].startswith("text/html")


def test_the_page_shows_limit_next_run_and_past_runs(viewer, tokens):
    tokens(3)
    run_now(NAME)
    tokens(5)
    run = JobRun.objects.get(pk=run_now(NAME).run_id)

    page = text_of(viewer, PAGE)

    for job, limit in all_limits():
        assert str(limit) in page
        assert f'id="job-{job.name}"' in page
    assert f"{get_job_status(NAME).next_run:%Y-%m-%dT%H:%M:%SZ}" in page
    card = page.split(f'id="job-{NAME}"')[1].split("</article>")[0]
    assert "5 of 5 due" in card
    assert f"/{run.pk}/change/" in card
    assert 'aria-label="Last 2 runs: 2 Succeeded"' in card
    assert f'id="job-{"recalculate-karma"}"' not in page


def test_a_bar_is_as_high_as_the_items_that_were_due():
    due = [retention._due(JobRun(items_due=due, items_done=done)) for due, done in ((9, 4), (None, 4), (0, 0))]

    assert due == [9, 4, 0]


def test_the_count_is_cached_until_a_run_ends(viewer, tokens, monkeypatch):
    tokens(3)
    setting = registry.get(NAME).retention.setting
    assert shown(text_of(viewer, PAGE))[setting][0] == 3
    tokens(1)
    assert shown(text_of(viewer, PAGE))[setting][0] == 3

    run_now(NAME)

    assert shown(text_of(viewer, PAGE))[setting][0] == 0
    tokens(2)
    cached_backlog.forget()
    assert shown(text_of(viewer, PAGE))[setting][0] == 2


def test_the_next_run_is_not_cached(viewer):
    text_of(viewer, PAGE)

    controls.disable(NAME)

    card = text_of(viewer, PAGE).split(f'id="job-{NAME}"')[1].split("</article>")[0]
    assert "none: its schedule is disabled" in card


def test_an_invalid_limit_hides_no_other(viewer, settings, overdue):
    settings.PUSH_TOKEN_RETENTION_DAYS = 0

    page = text_of(viewer, PAGE)

    assert "cannot be used" in page
    assert "PUSH_TOKEN_RETENTION_DAYS" not in shown(page)
    assert shown(page)["INVITATION_RETENTION_DAYS"][0] == 2


def test_a_slow_count_is_unavailable(viewer, monkeypatch):
    def slow(*args):
        raise OperationalError

    monkeypatch.setattr(cached_backlog, "get_retention", slow)

    for _ in range(2):
        page = text_of(viewer, PAGE)
        assert "Count unavailable" in page
        assert shown(page) == {}
        assert f'id="job-{NAME}"' in page


@pytest.mark.postgresql  # SQLite cannot stop a statement
def test_a_slow_count_is_cancelled():
    with pytest.raises(OperationalError), statement_limit(timedelta(milliseconds=20)):
        connection.cursor().execute("SELECT pg_sleep(10)")
    with statement_limit(cached_backlog.LIMITS_WITHIN):
        assert len(get_retention()) == len(all_limits())


def test_the_page_needs_staff_and_permission():
    assert client_of(person("run_job")).get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302
    assert client_of(person("view_jobrun")).get(PAGE).status_code == 200


def test_the_page_is_linked_from_the_other_pages(viewer):
    for address in (reverse("admin:maintenance_jobs"), reverse("admin:maintenance_job", args=[NAME]), PAGE):
        assert f'href="{PAGE}"' in text_of(viewer, address)
    page = text_of(viewer, PAGE)
    assert re.search(rf'href="{PAGE}"[^>]* aria-current="page"', page)
    ours = page[page.index('class="mb"') : page.index('id="footer"')]
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script", ours)


def test_the_page_takes_few_queries(viewer, overdue, scratch_job):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            text_of(viewer, PAGE)
        return len(captured)

    queries()  # and the session notes when it was used
    cache.clear()
    first, second = queries(), queries()
    scratch_job()
    cache.clear()
    assert queries() == first < 20
    assert second < first
