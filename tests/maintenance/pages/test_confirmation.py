"""Before a job runs that cannot be undone, a page asks once, with the number due."""

from datetime import timedelta

import pytest
from django.urls import reverse

from maintenance import tasks
from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.reporting import cached_backlog
from maintenance.scheduling import controls
from tests.maintenance.pages.people import client_of, person, text_of
from tests.maintenance.pages.rows import NAME, Status, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]

ASK = reverse("admin:maintenance_confirm", args=[NAME])
RUN = reverse("admin:maintenance_run", args=[NAME])
JOBS = reverse("admin:maintenance_jobs")


@pytest.mark.parametrize("name", registry.names())
def test_run_now_asks_where_a_job_cannot_be_undone(operator, name):
    asks, runs = (reverse(f"admin:maintenance_{view}", args=[name]) for view in ("confirm", "run"))
    irreversible = registry.get(name).irreversible

    for address in (JOBS, reverse("admin:maintenance_job", args=[name])):
        page = text_of(operator, address)
        assert (f'href="{asks}"' in page, f'formaction="{runs}"' in page) == (irreversible, not irreversible)
    assert f'formaction="{runs}"' in text_of(operator, asks)


def test_the_number_due_is_counted_now(operator, tokens):
    tokens(3)
    assert '<dd id="due">3 items</dd>' in text_of(operator, ASK)
    tokens(1)
    assert '<dd id="due">4 items</dd>' in text_of(operator, ASK)
    assert not JobRun.objects.exists()


def test_a_number_too_large_to_count_is_told_as_such(operator, tokens, monkeypatch):
    monkeypatch.setattr(cached_backlog, "MOST", 2)
    tokens(3)

    assert "2 items or more" in text_of(operator, ASK)


def test_an_unusual_number_is_confirmed(operator, tokens, monkeypatch):
    monkeypatch.setattr("maintenance.engine.volume_guard.FLOOR", 1)
    run_now(NAME)
    tokens(3)

    page = text_of(operator, ASK)

    assert "Far more than usual: 3 items are due" in page
    assert f'formaction="{RUN}?confirm_count=3"' in page
    assert f'formaction="{RUN}"' not in page
    operator.post(f"{RUN}?confirm_count=3")
    assert tasks.run_queued(JobRun.objects.latest("pk").pk) == Status.SUCCEEDED


def test_a_dry_run_of_today_answers_instead(operator, tokens):
    tokens(2)
    plan = JobRun.objects.get(pk=run_now(NAME, dry_run=True).run_id)

    assert operator.get(ASK).url == run_page(plan)
    JobRun.objects.filter(pk=plan.pk).update(finished_at=plan.finished_at - timedelta(days=2))
    assert operator.get(ASK).status_code == 200
    JobRun.objects.filter(pk=plan.pk).update(finished_at=plan.finished_at)
    run_now(NAME)
    assert operator.get(ASK).status_code == 200


def test_nothing_can_be_started_while_a_run_is_active_or_all_jobs_are_paused(operator):
    assert f'formaction="{RUN}"' in text_of(operator, ASK)
    run = make_run(Status.QUEUED)
    page = text_of(operator, ASK)
    assert f'formaction="{RUN}"' not in page
    assert run_page(run) in page
    run.delete()
    controls.pause()
    page = text_of(operator, ASK)
    assert f'formaction="{RUN}"' not in page
    assert "no run starts before they are resumed" in page


def test_the_page_needs_the_permission_to_run_jobs(viewer):
    assert viewer.get(ASK).status_code == 403
    assert client_of(person("run_job")).get(ASK).status_code == 403
    client = client_of(person("view_jobrun", "run_job"))
    assert client.get(ASK).status_code == 200
    assert client.post(ASK).status_code == 405
    assert client.get(reverse("admin:maintenance_confirm", args=["nope"])).status_code == 404
