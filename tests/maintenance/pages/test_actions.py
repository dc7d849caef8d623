"""What can be asked for on the pages: by whom, how often, and what is written down about it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from maintenance import tasks
from maintenance.core import registry
from maintenance.models import JobRun, JobSetting, Pause
from maintenance.reporting.status import get_job_status, get_pause
from maintenance.scheduling import controls
from tests.maintenance.pages.people import PERMISSIONS, client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]
Status = JobRun.Status

NAME = "cleanup-push-tokens"
ACTIONS = {
    "run": ("run_job", [NAME]),
    "dry_run": ("run_job", [NAME]),
    "enable": ("schedule_job", [NAME]),
    "disable": ("schedule_job", [NAME]),
    "pause": ("schedule_job", []),
    "resume": ("schedule_job", []),
    "pause_job": ("schedule_job", [NAME]),
    "resume_job": ("schedule_job", [NAME]),
    "cancel": ("cancel_run", [1]),
}

every_action = pytest.mark.parametrize("action", ACTIONS)


@pytest.fixture
def who():
    return person(*PERMISSIONS)


@pytest.fixture
def client(who):
    return client_of(who)


def address(action, *args):
    return reverse(f"admin:maintenance_{action}", args=args or ACTIONS[action][1])


def state_of_everything():
    models = (JobRun, JobSetting, Pause, OrmQ, LogEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


@every_action
def test_an_action_needs_post_permission_and_token(action):
    needed = ACTIONS[action][0]
    almost = [name for name in PERMISSIONS if name != needed]
    before = state_of_everything()

    assert client_of(person(*PERMISSIONS)).get(address(action)).status_code == 405
    assert client_of(person(*almost)).post(address(action)).status_code == 403
    assert client_of(person(needed)).post(address(action)).status_code == 403
    assert client_of(person(*PERMISSIONS), enforce_csrf_checks=True).post(address(action)).status_code == 403
    assert Client().post(address(action)).status_code == 302
    assert state_of_everything() == before


@every_action
def test_unknown_jobs_and_runs_are_not_found(client, action):
    args = ACTIONS[action][1]
    if args:
        unknown = [999_999] if action == "cancel" else ["nope"]
        assert client.post(address(action, *unknown)).status_code == 404


@pytest.mark.parametrize(("action", "is_dry"), [("run", False), ("dry_run", True)])
def test_a_run_is_queued_and_recorded(client, who, tokens, action, is_dry):
    tokens(2)

    response = client.post(address(action), follow=True)

    run = JobRun.objects.get()
    assert (run.status, run.trigger, run.requested_by, run.dry_run) == (Status.QUEUED, "admin", who, is_dry)
    assert response.redirect_chain[-1][0] == reverse("admin:maintenance_jobrun_change", args=[run.pk])
    assert f"Run {run.pk} was requested." in response.content.decode()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr, entry.get_edited_object()) == (who, f"{NAME}#{run.pk}", run)
    assert who.email not in entry.change_message + entry.object_repr
    assert tasks.run_queued(run.pk) == Status.SUCCEEDED


@pytest.mark.parametrize("action", ["run", "dry_run"])
def test_a_double_click_gives_one_run(client, action):
    client.post(address(action))
    client.post(address(action))

    assert JobRun.objects.count() == OrmQ.objects.count() == LogEntry.objects.count() == 1


def test_a_double_click_gives_one_run_that_may_have_ended(client):
    client.post(address("run"))
    tasks.run_queued(JobRun.objects.get().pk)

    response = client.post(address("run"))

    run = JobRun.objects.get()
    assert run.status == Status.SUCCEEDED
    assert response.url == reverse("admin:maintenance_jobrun_change", args=[run.pk])


def test_a_later_click_is_another_request(client):
    client.post(address("run"))
    run = JobRun.objects.get()
    tasks.run_queued(run.pk)
    JobRun.objects.filter(pk=run.pk).update(queued_at=datetime.now(UTC) - timedelta(seconds=3))

    client.post(address("run"))

    assert JobRun.objects.count() == 2


def test_two_users_share_the_queued_run(client):
    client.post(address("run"))

    response = client_of(person(*PERMISSIONS)).post(address("run"), follow=True)

    assert "had been requested before" in response.content.decode()
    assert JobRun.objects.count() == 1


def test_running_now_never_moves_the_schedule(client):
    before = get_job_status(NAME).next_run

    client.post(address("run"))
    tasks.run_queued(JobRun.objects.get().pk)

    assert get_job_status(NAME).next_run == before


def test_the_volume_guard_is_released_up_to_the_shown_number(client, tokens, monkeypatch):
    monkeypatch.setattr("maintenance.engine.volume_guard.FLOOR", 1)
    tasks.run_queued(JobRun.objects.create(job=NAME, trigger="command").pk)
    tokens(3)
    stopped = JobRun.objects.create(job=NAME, trigger="command")
    tasks.run_queued(stopped.pk)
    page = client.get(reverse("admin:maintenance_jobrun_change", args=[stopped.pk])).content.decode()
    release = f"{address('run')}?confirm_count=3"
    assert f'formaction="{release}"' in page

    client.post(release)

    assert tasks.run_queued(JobRun.objects.latest("pk").pk) == Status.SUCCEEDED
    assert "Confirmed 3 items." in LogEntry.objects.get().change_message


def test_cancelling_reports_the_state_of_the_run(client, who):
    waiting = JobRun.objects.create(job=NAME, trigger="command")
    running = JobRun.objects.create(job="cleanup-invitations", trigger="command", status=Status.RUNNING)

    assert "before it started" in client.post(address("cancel", waiting.pk), follow=True).content.decode()
    assert "at its next batch" in client.post(address("cancel", running.pk), follow=True).content.decode()
    assert "is already stopping" in client.post(address("cancel", running.pk), follow=True).content.decode()

    waiting.refresh_from_db()
    running.refresh_from_db()
    assert (waiting.status, running.status) == (Status.CANCELLED, Status.RUNNING)
    assert running.cancel_requested_by == who
    assert LogEntry.objects.count() == 2


def test_a_schedule_is_disabled_and_enabled(client, who):
    response = client.post(f"{address('disable')}?back=jobs")
    assert response.url == reverse("admin:maintenance_jobs") + f"#job-{NAME}"
    assert not get_job_status(NAME).enabled

    response = client.post(address("enable"))
    assert response.url == reverse("admin:maintenance_job", args=[NAME])
    assert get_job_status(NAME).enabled
    assert JobSetting.objects.get().changed_by == who
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Disabled the schedule.",
        "Enabled the schedule.",
    ]


def test_all_jobs_are_paused_and_resumed(client, who):
    client.post(address("pause"), {"reason": "an  upgrade " + "x" * 300})
    assert (get_pause().paused_by, get_pause().reason[:12]) == (who, "an upgrade x")
    client.post(address("resume"))
    assert get_pause() is None
    client.post(address("resume"))

    words = [entry.change_message for entry in LogEntry.objects.order_by("pk")]
    assert words == ["Paused all jobs.", "Resumed all jobs."]


def test_a_job_is_paused_until_a_time_and_resumed(client, who):
    response = client.post(address("pause_job"), {"reason": "an upgrade", "length": "2h"}, follow=True)

    told = response.content.decode()
    pause = Pause.objects.get()
    assert (pause.job, pause.paused_by, pause.until - pause.paused_at > timedelta(minutes=119)) == (NAME, who, True)
    for words in (f"{NAME[1:]} is paused since", "This job is paused.", str(who), "an upgrade", "paused until"):
        assert words in told
    assert "paused until" in client.get(reverse("admin:maintenance_jobs")).content.decode()
    assert get_pause() is None, "other jobs go on"

    client.post(address("resume_job"))
    assert not Pause.objects.exists()
    words = [entry.change_message for entry in LogEntry.objects.order_by("pk")]
    assert words == [f"Paused {NAME}.", f"Resumed {NAME}."]


@pytest.mark.parametrize("form", [{"length": "soon"}, {"until": "25:00"}, {"length": "2h", "until": "06:00"}])
def test_an_end_that_cannot_be_read_pauses_nothing(client, form):
    before = state_of_everything()

    response = client.post(address("pause"), form, follow=True)

    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert state_of_everything() == before


def test_a_broken_job_is_refused_in_a_sentence(client, monkeypatch):
    monkeypatch.setattr(registry, "_broken", {"broken-job": "ImportError"})

    response = client.post(address("run", "broken-job"), follow=True)

    assert "cannot be loaded" in response.content.decode()
    assert not JobRun.objects.exists()


def test_buttons_without_permission_are_absent():
    run = JobRun.objects.create(job=NAME, trigger="command")
    controls.disable("cleanup-invitations")
    pages = [
        reverse("admin:maintenance_jobs"),
        reverse("admin:maintenance_job", args=[NAME]),
        reverse("admin:maintenance_jobrun_change", args=[run.pk]),
    ]

    def offered(*permissions):
        shown = "".join(client_of(person("view_jobrun", *permissions)).get(page).content.decode() for page in pages)
        args = {"cancel": [run.pk], "enable": ["cleanup-invitations"], "run": ["recalculate-karma"]}
        return {action for action in ACTIONS if f'action="{address(action, *args.get(action, []))}' in shown}

    assert offered() == set()
    assert offered("run_job") == {"run", "dry_run"}
    assert offered("cancel_run") == {"cancel"}
    assert offered("schedule_job") == {"enable", "disable", "pause", "pause_job"}
    controls.pause()
    controls.pause(NAME)
    assert offered("schedule_job") == {"enable", "disable", "resume", "resume_job"}
