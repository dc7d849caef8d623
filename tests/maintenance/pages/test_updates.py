"""Updates of a page: nothing is sent where nothing has changed, and only the parts that have changed."""

import gzip
import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from maintenance.core import registry
from maintenance.models import HealthSnapshot, JobRun
from maintenance.pages.updates import parts_of
from tests.maintenance.pages.people import text_of
from tests.maintenance.pages.rows import NAME, Status, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]

JOBS = reverse("admin:maintenance_jobs")
INDEX = reverse("admin:index")
PAGES = [
    JOBS,
    reverse("admin:maintenance_job", args=[NAME]),
    reverse("admin:maintenance_retention"),
    reverse("admin:maintenance_cluster"),
    INDEX,
]


def versions_of(client, address):
    """Return what a browser names that has the page."""
    return re.findall(r' data-live="(\w+)"', text_of(client, address))


def update_of(client, address, versions, **headers):
    return client.get(address, headers={"Maintenance-Have": " ".join(versions)} | headers)


def ids_in(answer):
    """Return the ids of the parts in an update."""
    return re.findall(r'<template><\w+ [^>]*?\bid="([^"]+)"', answer.content.decode())


@pytest.mark.parametrize("address", PAGES)
def test_a_page_that_has_not_changed_has_no_content(operator, address):
    for _ in range(3):  # a minute may pass between two views, and minutes are told
        versions = versions_of(operator, address)
        HealthSnapshot.objects.update(checked_at=F("checked_at") - timedelta(seconds=1))
        answer = update_of(operator, address, versions)
        if answer.status_code == 204:
            break

    assert versions
    assert (answer.status_code, answer.content) == (204, b"")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("address", PAGES)
def test_the_headers_of_an_update_are_small(operator, address):
    answer = update_of(operator, address, versions_of(operator, address))

    assert sum(len(name) + len(value) + 4 for name, value in answer.headers.items()) < 1_500


def test_only_the_row_that_has_changed_is_sent(operator):
    run = make_run(Status.RUNNING, heartbeat_at=timezone.now() + timedelta(days=1), items_due=10, items_done=3)
    versions = versions_of(operator, JOBS)
    assert len(versions) > len(registry.names())

    for done in (4, 5):
        JobRun.objects.filter(pk=run.pk).update(items_done=done)
        answer = update_of(operator, JOBS, versions)
        assert answer.status_code == 200
        assert f"job-{NAME}" in ids_in(answer)
        assert "job-cleanup-invitations" not in ids_in(answer)
        assert f"{done} / 10" in answer.content.decode()
        versions += re.findall(r' data-live="(\w+)"', answer.content.decode())


def test_a_row_that_moves_is_a_placeholder_in_its_table(operator):
    last = re.findall(r'<tr[^>]* id="job-([^"]+)"', text_of(operator, JOBS))[-1]
    versions = versions_of(operator, JOBS)

    make_run(Status.QUEUED, job=last, at=timezone.now())
    answer = update_of(operator, JOBS, versions)

    table = re.search(r"<template><tbody .*?</template>", answer.content.decode(), re.DOTALL)[0]
    order = re.findall(r'<tr id="job-([^"]+)" data-live data-kept></tr>', table)
    assert sorted(order) == sorted(registry.names())
    assert order[0] == last
    assert f"job-{last}" in ids_in(answer)


def test_the_first_page_is_updated_from_an_address_of_its_own(operator):
    page = text_of(operator, INDEX)
    address = re.search(r'id="live" hidden data-from="([^"]+)"', page)[1]
    versions = versions_of(operator, INDEX)

    make_run(Status.RUNNING, heartbeat_at=timezone.now() + timedelta(days=1), items_due=10, items_done=3)
    answer = update_of(operator, address, versions)

    assert "running" in ids_in(answer)
    assert "3 / 10" in answer.content.decode()
    assert "<title>" in answer.content.decode()
    assert len(answer.content) < len(page) / 2


def test_the_page_of_a_run_changes_with_the_run(operator):
    run = make_run(Status.RUNNING, heartbeat_at=timezone.now() + timedelta(days=1), items_due=10, items_done=3)
    versions = versions_of(operator, run_page(run))

    JobRun.objects.filter(pk=run.pk).update(status=Status.CANCELLED)
    answer = update_of(operator, run_page(run), versions)

    assert {"state", "live-pace"} <= set(ids_in(answer))
    assert "details" not in ids_in(answer)


def test_what_one_person_has_is_not_told_to_another(operator, viewer):
    versions = versions_of(operator, JOBS)

    assert f"job-{NAME}" in ids_in(update_of(viewer, JOBS, versions))


def test_a_page_and_its_updates_are_compressed_for_a_browser_that_can(operator):
    for number in range(60):
        make_run(at=timezone.now() - timedelta(days=number + 1), items_done=number)
    plain = operator.get(JOBS)
    whole = operator.get(JOBS, headers={"Accept-Encoding": "gzip"})
    update = update_of(operator, JOBS, ["none"], **{"Accept-Encoding": "gzip"})

    for answer, last in ((whole, b"</html>"), (update, b"</template>")):
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.content).rstrip().endswith(last)
        assert len(answer.content) < 20_000 < len(plain.content) < 60_000


def test_a_form_that_is_shown_again_has_no_versions(operator):
    answer = operator.post(reverse("admin:maintenance_schedule", args=[NAME]), {"cron": "61 * * * *"})

    assert answer.status_code == 200
    assert b"data-live=" not in answer.content


@pytest.mark.parametrize("address", PAGES)
def test_every_element_that_is_updated_is_a_part(operator, address):
    page = text_of(operator, address)

    assert page.count(" data-live") == len(re.findall(r' data-live="\w{8}"', page)) > 0


def test_a_part_ends_with_its_own_end():
    page = '<div id="a" data-live><div><p>1</p></div><div data-live id="b">2</div></div><div>3</div>'

    a, b = parts_of(page)

    assert a.own(page) == '<div id="a" data-live><div><p>1</p></div><div id="b" data-live data-kept></div></div>'
    assert b.own(page) == '<div data-live id="b">2</div>'
