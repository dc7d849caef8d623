"""Updates of a page: nothing is sent where nothing has changed, and little where something has."""

import gzip
from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from maintenance.models import HealthSnapshot, JobRun
from tests.maintenance.pages.rows import NAME, Status, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]

PAGES = [
    reverse("admin:maintenance_jobs"),
    reverse("admin:maintenance_job", args=[NAME]),
    reverse("admin:maintenance_retention"),
]


def tag_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response.headers["ETag"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_that_has_not_changed_has_no_content(operator, address):
    for _ in range(3):  # a minute may pass between two views, and minutes are told
        tag = tag_of(operator, address)
        HealthSnapshot.objects.update(checked_at=F("checked_at") - timedelta(seconds=1))
        answer = operator.get(address, headers={"If-None-Match": tag})
        if answer.status_code == 304:
            break

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == tag
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("address", PAGES[:2])  # the other one shows what has ended
def test_a_page_that_has_changed_is_sent(operator, address):
    run = make_run(Status.RUNNING, heartbeat_at=timezone.now() + timedelta(days=1), items_due=10, items_done=3)
    tags = {tag_of(operator, address)}

    for done in (4, 5):
        JobRun.objects.filter(pk=run.pk).update(items_done=done)
        answer = operator.get(address, headers={"If-None-Match": ", ".join(tags)})
        assert answer.status_code == 200
        tags.add(answer.headers["ETag"])


def test_the_page_of_a_run_changes_with_the_run(operator):
    run = make_run(Status.RUNNING, heartbeat_at=timezone.now() + timedelta(days=1), items_due=10, items_done=3)
    tag = tag_of(operator, run_page(run))

    JobRun.objects.filter(pk=run.pk).update(status=Status.CANCELLED)

    assert operator.get(run_page(run), headers={"If-None-Match": tag}).status_code == 200


def test_what_one_person_has_is_not_told_to_another(operator, viewer):
    tag = tag_of(operator, PAGES[0])

    assert viewer.get(PAGES[0], headers={"If-None-Match": tag}).status_code == 200


def test_a_page_is_compressed_for_a_browser_that_can(operator):
    for number in range(60):
        make_run(at=timezone.now() - timedelta(days=number + 1), items_done=number)
    plain = operator.get(PAGES[0])
    answer = operator.get(PAGES[0], headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(answer.content)
    assert len(answer.content) < 20_000 < len(plain.content) < 60_000
    tag = answer.headers["ETag"]
    assert tag.startswith("W/")
    assert operator.get(PAGES[0], headers={"Accept-Encoding": "gzip", "If-None-Match": tag}).status_code == 304


def test_a_form_that_is_shown_again_has_no_tag(operator):
    answer = operator.post(reverse("admin:maintenance_schedule", args=[NAME]), {"cron": "61 * * * *"})

    assert answer.status_code == 200
    assert "ETag" not in answer.headers
