"""The first page of the admin, the cluster's page, and the queue's schedules: what they tell, and to whom."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django_q.models import OrmQ, Schedule

from maintenance.core import registry
from maintenance.core.states import Level
from maintenance.health import snapshot
from maintenance.health.context import HealthContext
from maintenance.models import Canary, ClusterHeartbeat, JobRun
from maintenance.pages import overview, timeline
from maintenance.reporting.status import get_status
from maintenance.scheduling import controls, schedules
from maintenance.templatetags.maintenance_pages import level, sentence, with_links
from tests.factories import UserFactory
from tests.maintenance.pages.people import client_of, person, text_of
from tests.maintenance.pages.rows import FEWER_THAN, NAME, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]
Status = JobRun.Status

INDEX = reverse("admin:index")
CLUSTER = reverse("admin:maintenance_cluster")
SCHEDULES = reverse("admin:django_q_schedule_changelist")
OWN = 20
"""Queries that the first page may add to Django's own."""


def section(page, name):
    return re.search(rf'<section class="mb-section" id="{name}".*?</section>', page, flags=re.DOTALL)[0]


def let_run_at(moment, *names):
    """Schedule jobs, or all of them, for one minute of the year; return it."""
    moment = moment.astimezone(UTC).replace(second=0, microsecond=0)
    for name in names or [job.name for job in registry.all_jobs()]:
        controls.set_cron(name, f"{moment:%M %H %d %m} *")
    return moment


def test_the_first_page_lists_unfinished_runs(viewer):
    assert "Nothing is running or queued." in section(text_of(viewer, INDEX), "running")
    running = make_run(Status.RUNNING, heartbeat_at=timezone.now(), items_due=10, items_done=4)
    waiting = make_run(Status.QUEUED, job="cleanup-invitations", dry_run=True)

    told = section(text_of(viewer, INDEX), "running")

    for run, word in ((running, "Running"), (waiting, "Queued")):
        assert run_page(run) in told
        assert word in told
    assert "4 / 10" in told
    assert "Dry run" in told


def test_the_first_page_lists_the_next_24_hours(viewer):
    let_run_at(timezone.now() + timedelta(hours=25))
    assert "No job is scheduled" in section(text_of(viewer, INDEX), "upcoming")
    moment = let_run_at(timezone.now() + timedelta(hours=23), NAME)

    told = section(text_of(viewer, INDEX), "upcoming")

    drawing, table = told.split("</svg>")
    assert f"{NAME}, {moment:%H:%M} UTC" in drawing
    assert drawing.count("<circle") == 1
    assert f"{moment:%Y-%m-%dT%H:%M:%SZ}" in table
    assert reverse("admin:maintenance_job", args=[NAME]) in table
    assert "cleanup-invitations" not in told


def test_disabled_and_broken_jobs_are_not_upcoming():
    now = HealthContext().now
    let_run_at(now + timedelta(hours=1))
    assert {row.job for row in timeline.upcoming(get_status().jobs, now)} == {job.name for job in registry.all_jobs()}

    controls.disable(NAME)
    schedules.ours().filter(name="cleanup-invitations").update(cron="0 0 31 2 *")

    left = {row.job for row in timeline.upcoming(get_status().jobs, now)}
    assert {job.name for job in registry.all_jobs()} - left == {NAME, "cleanup-invitations"}


@pytest.mark.parametrize(
    ("cron", "count", "more"), [("0 */6 * * *", 4, False), ("*/15 * * * *", 96, False), ("* * * * *", 96, True)]
)
def test_a_frequent_job_is_drawn_as_a_bar(cron, count, more):
    controls.set_cron(NAME, cron)
    now = datetime(2026, 6, 1, 0, 0, 1, tzinfo=UTC)
    schedules.ours().exclude(name=NAME).update(next_run=now + timedelta(days=2))
    schedules.ours().filter(name=NAME).update(next_run=now + timedelta(seconds=59))
    if cron != "* * * * *":
        schedules.ours().filter(name=NAME).update(next_run=now.replace(second=0) + timedelta(minutes=15))
    jobs = [job for job in get_status().jobs if job.name == NAME]

    [row] = timeline.upcoming(jobs, now)

    assert (len(row.times) in {count, count + 1}, row.more) == (True, more)
    assert ("<circle" in timeline.draw([row], now)) != more


def test_an_overdue_schedule_is_the_first():
    now = HealthContext().now
    schedules.ours().filter(name=NAME).update(next_run=now - timedelta(hours=3))

    first = timeline.upcoming(get_status().jobs, now)[0]

    assert (first.job, first.times[0]) == (NAME, now)


def test_a_pause_is_shown_beside_the_next_24_hours(viewer):
    assert "none of these runs starts" not in section(text_of(viewer, INDEX), "upcoming")
    controls.pause()
    assert "none of these runs starts" in section(text_of(viewer, INDEX), "upcoming")


def test_the_last_7_days_have_real_runs_only(viewer):
    now = timezone.now()
    for _ in range(3):
        make_run(at=now - timedelta(days=1), items_done=1_000)
    make_run(Status.FAILED, at=now - timedelta(days=2), items_done=5)
    make_run(at=now - timedelta(days=8), items_done=70_000)
    make_run(at=now, dry_run=True, items_done=70_000)

    told = section(text_of(viewer, INDEX), "week")

    assert "4 runs, 3,005 items" in told
    assert "70,0" not in told
    [done] = overview.activity_since(now - overview.WEEK)
    assert (done.job, done.outcomes) == (NAME, {Status.SUCCEEDED: 3, Status.FAILED: 1})
    for status in done.outcomes:
        assert str(Status(status).label) in told


def test_a_removed_job_keeps_its_numbers(viewer):
    make_run(job="former-job", at=timezone.now(), items_done=7)

    told = section(text_of(viewer, INDEX), "week")

    assert "former-job" in told
    assert reverse("admin:maintenance_job", args=["former-job"]) not in told


def test_the_first_page_needs_the_permission():
    page = text_of(client_of(person("view_upload")), INDEX)

    assert 'id="week"' not in page
    assert CLUSTER not in page


def test_the_first_page_takes_few_queries(viewer):
    other = client_of(person("view_schedule"))

    def queries(client):
        with CaptureQueriesContext(connection) as captured:
            text_of(client, INDEX)
        return len(captured)

    first = queries(viewer)
    JobRun.objects.bulk_create(
        JobRun(job=job.name, trigger="schedule", status=status, queued_at=timezone.now())
        for job in registry.all_jobs()
        for status in Status.values
        if status not in {Status.QUEUED, Status.RUNNING}
    )
    assert queries(viewer) == first
    assert first - queries(other) < OWN


def test_the_cluster_page_shows_canary_queue_and_machines(viewer):
    Canary.objects.update(round_trip=timedelta(seconds=1.5))
    ClusterHeartbeat.objects.create(host="former", workers=5, seen_at=timezone.now() - timedelta(hours=1))
    OrmQ.objects.create(key="default", payload="x", lock=timezone.now() - timedelta(minutes=1))

    page = text_of(viewer, CLUSTER)

    assert "1.5 s" in section(page, "queue")
    rows = re.findall(r"<tr>.*?</tr>", section(page, "clusters"), flags=re.DOTALL)[1:]
    assert [("former" in row, "not responding" in row, ">5<" in row) for row in rows] == [
        (True, True, True),
        (False,) * 3,
    ]
    assert ">up<" not in rows[0]


def test_the_cluster_page_shows_every_result(viewer):
    schedules.ours().filter(name=NAME).update(cron="0 0 31 2 *")
    ClusterHeartbeat.objects.all().delete()
    Canary.objects.all().delete()  # no sentence tells an age, which the page would tell a second later
    controls.pause()
    verdicts = snapshot.page_report(HealthContext()).results
    assert {found.level for found in verdicts} == set(Level)

    told = section(text_of(viewer, CLUSTER), "report")

    for found in verdicts:
        assert with_links(found) in told
        assert sentence(found.remedy) in told
        assert level(found.level) in told
    assert len({re.search(r' d="([^"]+)"', level(name))[1] for name in Level}) == len(Level)


def test_the_cluster_page_lists_the_stored_schedules(viewer):
    foreign = Schedule.objects.create(name="ann@example.org", func="math.floor", args="1.5", kwargs="a=1", cron="")
    Schedule.objects.filter(pk=foreign.pk).update(args="ann@example.org")
    schedules.ours().filter(name=NAME).update(cron="0 0 31 2 *")

    page = text_of(viewer, CLUSTER)
    told = section(page, "schedules")

    for job in registry.all_jobs():
        assert reverse("admin:maintenance_job", args=[job.name]) in told
    assert f"none (schedule {foreign.pk})" in told
    assert told.count("mb-trouble") == 2
    assert "ann@" not in page
    assert "math.floor" not in page


def test_the_cluster_page_takes_few_queries(viewer):
    with CaptureQueriesContext(connection) as captured:
        text_of(viewer, CLUSTER)

    assert len(captured) < FEWER_THAN


def test_the_cluster_page_needs_the_permission():
    assert client_of(person("view_schedule")).get(CLUSTER).status_code == 403
    assert Client().get(CLUSTER).status_code == 302
    assert client_of(person("view_jobrun")).get(CLUSTER).status_code == 200
    assert client_of(person("view_jobrun")).post(CLUSTER).status_code == 405


def test_stored_schedules_are_read_only_for_superusers_too():
    client = client_of(UserFactory(is_staff=True, is_superuser=True))
    row = schedules.ours().get(name=NAME)
    before = list(Schedule.objects.order_by("pk").values())
    change = reverse("admin:django_q_schedule_change", args=[row.pk])
    assert schedules.FUNCTION in text_of(client, change)
    assert escape(row.args) not in text_of(client, change)
    crafted = {"func": "os.system", "args": "('true',)", "name": NAME, "schedule_type": "O", "repeats": "-1"}

    answers = [
        client.post(address, crafted).status_code
        for address in (
            change,
            reverse("admin:django_q_schedule_add"),
            reverse("admin:django_q_schedule_delete", args=[row.pk]),
        )
    ]
    deletion = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    client.post(SCHEDULES, deletion | crafted)

    assert answers == [403, 403, 403]
    assert list(Schedule.objects.order_by("pk").values()) == before


def test_stored_schedules_show_no_free_text():
    Schedule.objects.create(name="name@example.org", func="math.floor", args="'args@example.org'", hook="hook.example")
    client = client_of(person("view_schedule"))
    row = Schedule.objects.get(func="math.floor")

    for address in (SCHEDULES, reverse("admin:django_q_schedule_change", args=[row.pk])):
        page = text_of(client, address)
        assert "math.floor" in page
        assert "hook.example" not in page
        for place in ("name", "args"):
            assert f"{place}@" not in page
    assert client_of(person("view_jobrun")).get(SCHEDULES).status_code == 403


def test_a_canary_that_never_returned_is_shown(viewer):
    Canary.objects.update(echoed_at=None, round_trip=None, sent_at=Now())

    assert "never" in section(text_of(viewer, CLUSTER), "queue")
