"""A dry run, and the run that follows it: what they say of each other, and when one may follow."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from maintenance import tasks
from maintenance.core import registry
from maintenance.engine import volume_guard
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.pages import plans
from tests.maintenance.pages.people import PERMISSIONS, client_of, person, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]
Status = JobRun.Status

NAME = "cleanup-push-tokens"
RUN = reverse("admin:maintenance_run", args=[NAME])


@pytest.fixture
def client():
    return client_of(person(*PERMISSIONS))


def ran(**options):
    return JobRun.objects.get(pk=run_now(NAME, **options).run_id)


def page_of(run):
    return reverse("admin:maintenance_jobrun_change", args=[run.pk])


def offered(page):
    """What the button on a dry run's page sends, beside the token of the form."""
    button = re.search(rf'formaction="{RUN}\?([^"]+)"', page)
    return dict(parse_qsl(unescape(button[1]))) if button else None


def rows(page):
    section = page.split('id="plan"')[1].split("</section>")[0]
    found = re.findall(r'<th scope="row">(.+?)</th><td[^>]*>(.+?)</td><td[^>]*>(.+?)</td>', section)
    return {label: (planned, done) for label, planned, done in found}


def ended_ago(run, **ago):
    moved = run.finished_at - timedelta(**ago)
    JobRun.objects.filter(pk=run.pk).update(queued_at=moved, started_at=moved, finished_at=moved)


def test_a_dry_run_is_compared_with_the_last_real_run(viewer, tokens):
    tokens(2)
    before = ran()
    tokens(3)
    plan = ran(dry_run=True)

    page = text_of(viewer, page_of(plan))

    assert rows(page)["Due"] == ("3", "2")
    assert rows(page)["Delete"] == ("3", "2")
    assert page_of(before) in page.split('id="plan"')[1]
    assert offered(page) is None, "who may not run is offered nothing"


def test_a_dry_run_without_a_previous_run(viewer, tokens):
    tokens(3)

    page = text_of(viewer, page_of(ran(dry_run=True)))

    assert rows(page)["Due"] == ("3", "–")
    assert "No previous run" in page


def test_a_run_from_a_dry_run_keeps_its_plan(client, tokens):
    tokens(3)
    plan = ran(dry_run=True)
    sent = offered(text_of(client, page_of(plan)))
    assert sent == {"plan": str(plan.pk)}

    answer = client.post(RUN, sent)

    run = JobRun.objects.latest("pk")
    assert answer.url == page_of(run)
    assert f"After dry run {plan.pk}." in LogEntry.objects.get().change_message
    waiting = text_of(client, page_of(run))
    assert rows(waiting)["Due"] == ("3", "–")
    tokens(1)
    assert tasks.run_queued(run.pk) == Status.SUCCEEDED
    page = text_of(client, page_of(run))
    assert rows(page)["Due"] == ("3", "4")
    assert rows(page)["Delete"] == ("3", "4")
    assert "requested on the page of the dry run" in page
    assert page_of(plan) in page.split('id="plan"')[1]


def test_a_run_without_a_plan_has_the_latest_dry_run(viewer, tokens):
    tokens(2)
    ran(dry_run=True)
    latest = ran(dry_run=True)
    run = ran()
    assert plans.plan_of(run) == latest
    page = text_of(viewer, page_of(run))
    assert "latest dry run before this run" in page

    for dry in JobRun.objects.filter(dry_run=True):
        ended_ago(dry, days=1, minutes=1)

    assert plans.plan_of(run) is None
    assert re.search(r'<section class="mb-section" id="plan"[^>]* hidden>', text_of(viewer, page_of(run)))


def test_a_dry_run_is_the_plan_of_one_run(tokens):
    tokens(2)
    plan = ran(dry_run=True)
    first, second = ran(), ran()

    assert plans.plan_of(first) == plan
    assert plans.plan_of(second) is None


def test_a_plan_has_the_same_job_and_options():
    other = JobRun.objects.get(pk=run_now("cleanup-invitations", dry_run=True).run_id)
    assert plans.plan_of(ran()) is None
    assert other.status == Status.SUCCEEDED
    sweep = run_now("cleanup-orphaned-files", dry_run=True, options=["sweep"]).run_id
    assert plans.plan_of(JobRun.objects.get(pk=run_now("cleanup-orphaned-files").run_id)) is None
    plan = JobRun.objects.get(pk=sweep)
    assert "command line" in plans.offer_of(plan, None, plan.finished_at).refusal


def test_an_unusual_plan_warns_and_confirms_the_number(client, tokens, monkeypatch):
    monkeypatch.setattr(volume_guard, "FLOOR", 1)
    tokens(1)
    ran()
    tokens(11)
    plan = ran(dry_run=True)
    assert ran().status == Status.FAILED
    JobRun.objects.latest("pk").delete()

    page = text_of(client, page_of(plan))
    assert 'id="unusual"' in page
    assert offered(page) == {"plan": str(plan.pk), "confirm_count": "11"}
    client.post(RUN, offered(page))

    run = JobRun.objects.latest("pk")
    assert tasks.run_queued(run.pk) == Status.SUCCEEDED
    run.refresh_from_db()
    assert (run.items_done, run.details["confirm_count"], run.details["plan"]) == (11, 11, plan.pk)


def test_a_usual_plan_does_not_warn(client, tokens, monkeypatch):
    monkeypatch.setattr(volume_guard, "FLOOR", 1)
    tokens(1)
    ran()
    tokens(volume_guard.FACTOR)

    assert 'id="unusual"' not in text_of(client, page_of(ran(dry_run=True)))


@pytest.mark.parametrize("why", ["a run came after it", "it is old"])
def test_an_outdated_plan_is_refused(client, tokens, why):
    tokens(1)
    plan = ran(dry_run=True)
    assert offered(text_of(client, page_of(plan)))
    if why == "it is old":
        ended_ago(plan, days=1, minutes=1)
    else:
        after = ran()
        assert page_of(after) in text_of(client, page_of(plan)).split('id="plan"')[1]
    before = JobRun.objects.count()

    assert offered(text_of(client, page_of(plan))) is None
    answer = client.post(RUN, {"plan": plan.pk}, follow=True)

    assert 'class="error"' in answer.content.decode()
    assert JobRun.objects.count() == before
    assert not LogEntry.objects.exists()


def test_a_plan_of_another_job_is_not_found(client):
    other = JobRun.objects.get(pk=run_now("cleanup-invitations", dry_run=True).run_id)
    real = ran()
    before = JobRun.objects.count()

    for plan in (other.pk, real.pk, 0, "", "x", "²", 10**30):
        assert client.post(RUN, {"plan": plan}).status_code == 404, plan
        assert client.post(f"{RUN}?{urlencode({'plan': plan})}").status_code == 404, plan
    assert JobRun.objects.count() == before


def test_a_failed_dry_run_is_no_plan(client):
    plan = JobRun.objects.create(job=NAME, trigger="admin", dry_run=True, status=Status.RUNNING)
    for status in (Status.RUNNING, Status.FAILED):
        JobRun.objects.filter(pk=plan.pk).update(status=status)
        assert offered(text_of(client, page_of(plan))) is None
        assert 'class="error"' in client.post(RUN, {"plan": plan.pk}, follow=True).content.decode()
    assert JobRun.objects.get() == plan


def test_a_double_click_on_a_plan_gives_one_run(client, tokens):
    tokens(1)
    plan = ran(dry_run=True)
    sent = {"plan": plan.pk, "confirm_count": 1}
    first = client.post(RUN, sent)
    assert client.post(RUN, sent).url == first.url
    tasks.run_queued(JobRun.objects.latest("pk").pk)

    assert client.post(RUN, sent).url == first.url
    assert JobRun.objects.filter(dry_run=False).count() == 1


def test_a_refused_run_keeps_its_request(client, tokens, monkeypatch):
    plan = ran(dry_run=True)
    client.post(RUN, {"plan": plan.pk})
    run = JobRun.objects.latest("pk")

    def broken(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(registry.get(NAME), "stages", broken, raising=False)
    assert tasks.run_queued(run.pk) == Status.FAILED

    run.refresh_from_db()
    assert run.details == {"plan": plan.pk}


def test_the_page_of_a_plan_takes_few_queries(client, tokens, monkeypatch):
    monkeypatch.setattr(volume_guard, "FLOOR", 1)
    tokens(1)
    ran()
    tokens(11)
    for run in (ran(dry_run=True), ran(confirm_count=11)):
        with CaptureQueriesContext(connection) as captured:
            assert "plan-heading" in text_of(client, page_of(run))
        assert len(captured) < 20
