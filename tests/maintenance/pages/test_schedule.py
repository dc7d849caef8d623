"""Editing when a job runs, and whether: what is shown before, what is refused beside the field, and what is saved."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import example, given, strategies as st

from maintenance.core import cron, registry
from maintenance.models import JobSetting
from maintenance.pages.schedule import LONGEST, TIMES, meaning_of
from maintenance.reporting.status import JobStatus, get_job_status
from maintenance.scheduling import controls, schedules
from maintenance.templatetags.maintenance_pages import sentence
from tests.maintenance.pages.people import PERMISSIONS, client_of, person, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]

NAME = "cleanup-push-tokens"
EDIT = reverse("admin:maintenance_schedule", args=[NAME])
MEANING = reverse("admin:maintenance_cron")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
NODE, CONVERTED = "*/5 30 4 * * *", "30 4 * * *"
NEVER = "0 0 31 2 *"


@pytest.fixture
def who():
    return person("view_jobrun", "schedule_job")


@pytest.fixture
def client(who):
    return client_of(who)


def states():
    return list(JobSetting.objects.values()), list(schedules.ours().values()), list(LogEntry.objects.values())


def error_of(page):
    return re.search(r'<div id="cron-error"[^>]*>(.*?)</div>', page, re.DOTALL)[1]


def field_of(page):
    return dict(re.findall(r'([\w-]+)="([^"]*)"', re.search(r'<input type="text" id="cron"[^>]*>', page)[0]))


def times_of(page):
    return re.findall(r'<li><time datetime="([^"]+)"', page.split('id="cron-times"')[1].split("</div>")[0])


def test_the_page_shows_the_schedule_with_its_next_runs(client):
    page = text_of(client, EDIT)

    status = get_job_status(NAME)
    assert field_of(page)["value"] == status.schedule
    assert status.schedule_sentence in page
    assert len(times_of(page)) == TIMES
    assert times_of(page)[0] == f"{status.next_run:%Y-%m-%dT%H:%M:%SZ}"
    assert re.search(r'name="enabled" checked', page)
    assert error_of(page) == ""


def test_the_field_refers_to_error_meaning_and_help(client):
    page = text_of(client, EDIT)

    for part in field_of(page)["aria-describedby"].split():
        assert page.count(f'id="{part}"') == 1, part


@pytest.mark.parametrize("wrong", ["", "never", "61 * * * *", NEVER, NODE, "* * * * * * *", "@daily", "1 " * LONGEST])
def test_an_invalid_expression_is_not_saved(client, wrong):
    before = states()

    answer = client.post(EDIT, {"cron": wrong, "enabled": "on"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert error_of(page)
    assert field_of(page)["aria-invalid"] == "true"
    assert field_of(page)["value"].strip() == wrong.strip()
    assert times_of(page) == []
    assert states() == before


def test_six_fields_have_a_suggestion(client):
    page = client.post(EDIT, {"cron": NODE}).content.decode()
    assert f'name="use" value="{CONVERTED}"' in page
    before = states()

    page = client.post(EDIT, {"cron": NODE, "use": CONVERTED}).content.decode()

    assert field_of(page)["value"] == CONVERTED
    assert len(times_of(page)) == TIMES
    assert 'name="use"' not in page
    assert " checked" not in re.search(r'<input type="checkbox" id="enabled"[^>]*>', page)[0], "as it was sent"
    assert states() == before


def test_an_invalid_suggestion_is_not_offered():
    meaning = meaning_of(f"*/5 {NEVER}", NOW)

    assert (meaning.suggestion, bool(meaning.error)) == ("", True)


def test_a_leading_zero_is_read_as_seconds():
    meaning = meaning_of(f"0 {CONVERTED}", NOW)

    assert (meaning.error, meaning.suggestion) == ("", CONVERTED)
    assert meaning.times == cron.next_times(CONVERTED, NOW, TIMES)
    assert meaning_of(f" {CONVERTED}  ", NOW).suggestion == ""


def test_a_preview_saves_nothing(client):
    before = states()

    page = client.post(EDIT, {"cron": "15 4 * * *", "enabled": "on", "preview": "yes"}).content.decode()

    assert cron.describe("15 4 * * *") in page
    assert states() == before


def test_the_script_gets_the_same_parts_as_the_page(client):
    for text in (CONVERTED, NODE, NEVER, ""):
        part = client.get(MEANING, {"cron": text}).content.decode()
        page = client.post(EDIT, {"cron": text, "preview": "yes"}).content.decode()
        assert error_of(part) == error_of(page)
        assert re.findall(r"<time.*?</time>", part) == re.findall(r"<time.*?</time>", page)
        assert (f'data-fill="{CONVERTED}"' in part) == (text == NODE)


def test_time_and_state_are_saved_and_recorded(client, who):
    before = get_job_status(NAME).schedule

    answer = client.post(EDIT, {"cron": f"0 {CONVERTED}"})

    status = get_job_status(NAME)
    assert answer.url == reverse("admin:maintenance_job", args=[NAME])
    assert (status.schedule, status.enabled, status.next_run) == (CONVERTED, False, None)
    assert JobSetting.objects.get().changed_by == who
    client.post(EDIT, {"cron": CONVERTED, "enabled": "on"})
    assert get_job_status(NAME).next_run == cron.next_times(CONVERTED, datetime.now(UTC), 1)[0]
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        f"Set the schedule from '{before}' to '{CONVERTED}'.",
        "Disabled the schedule.",
        "Enabled the schedule.",
    ]


def seen_in(page):
    return re.search(r'name="seen" value="([^"]*)"', page)[1]


@pytest.mark.parametrize("change", [lambda: controls.set_cron(NAME, "5 4 * * *"), lambda: controls.disable(NAME)])
def test_a_save_over_a_newer_one_is_refused_and_shows_both(client, change):
    opened = text_of(client, EDIT)
    change()
    before = states()

    answer = client.post(EDIT, {"cron": CONVERTED, "enabled": "on", "seen": seen_in(opened)})

    page = answer.content.decode()
    assert states() == before
    assert "nothing was saved" in page
    assert field_of(page)["value"] == CONVERTED
    assert get_job_status(NAME).schedule in page.split('id="in-force"')[1].split("</dl>")[0]
    assert seen_in(page) != seen_in(opened)
    client.post(EDIT, {"cron": CONVERTED, "enabled": "on", "seen": seen_in(page)})
    assert (get_job_status(NAME).schedule, get_job_status(NAME).enabled) == (CONVERTED, True)


def test_the_page_shows_what_is_in_force_who_set_it_and_the_default(client, who):
    default = registry.get(NAME).schedule
    assert "Default" not in text_of(client, EDIT).split('id="in-force"')[1].split("</dl>")[0]

    client.post(EDIT, {"cron": CONVERTED, "enabled": "on"})

    in_force = text_of(client, EDIT).split('id="in-force"')[1].split("</dl>")[0]
    assert all(part in in_force for part in (CONVERTED, default, str(who)))


@example(minute=30, hour=4, every="*")
@example(minute=30, hour=4, every="1-5")
@given(minute=st.integers(0, 59), hour=st.integers(0, 23), every=st.sampled_from(["*", "1", "1-5"]))
def test_jobs_that_start_at_one_of_the_next_times_are_named(minute, hour, every):
    now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)  # the five next times are from Tuesday to Saturday
    other = JobStatus("other", "", f"{minute} {hour} * * {every}", "", True, False, None, None, None)
    others = [other, replace(other, name="off", enabled=False), replace(other, name="broken", schedule="61 * * * *")]

    meaning = meaning_of("30 4 * * *", now, others)

    assert meaning.others == (["other"] if (hour, minute, every != "1") == (4, 30, True) else [])
    assert meaning_of(other.schedule, now, others).others == ["other"]


def test_a_job_is_not_compared_with_itself(client):
    own = registry.get(NAME).schedule

    for page in (text_of(client, EDIT), client.get(MEANING, {"cron": own, "job": NAME}).content.decode()):
        assert "other jobs start too" not in page or f"{NAME}." not in page.split("other jobs start too:")[1][:300]


def test_an_unchanged_schedule_is_not_recorded(client):
    before = states()

    answer = client.post(EDIT, {"cron": registry.get(NAME).schedule, "enabled": "on"}, follow=True)

    assert "Nothing was changed." in answer.content.decode()
    assert states() == before


def test_saving_corrects_a_broken_row(client):
    schedules.ours().filter(name=NAME).update(cron=NEVER)
    assert sentence(get_job_status(NAME).problem) in text_of(client, EDIT)

    client.post(EDIT, {"cron": registry.get(NAME).schedule, "enabled": "on"})

    assert get_job_status(NAME).problem == ""


def test_a_stored_invalid_expression_has_its_error(client):
    JobSetting.objects.create(job=NAME, cron=NEVER)

    page = text_of(client, EDIT)

    assert field_of(page)["value"] == NEVER
    assert error_of(page)


def test_neither_the_function_nor_its_arguments_can_be_edited(client):
    fixed = ("func", "args", "kwargs", "hook", "name", "schedule_type", "cluster")
    before = schedules.ours().values(*fixed).get(name=NAME)
    crafted = {"func": "os.system", "args": "('true',)", "kwargs": "{}", "hook": "os.system", "job": "x", "name": "x"}

    client.post(EDIT, {"cron": CONVERTED, "enabled": "on", **crafted})

    row = schedules.ours().get(name=NAME)
    assert row.cron == CONVERTED
    assert {name: getattr(row, name) for name in fixed} == before


def test_editing_needs_permission_and_token():
    before = states()
    sent = {"cron": CONVERTED}

    for permissions in [(), ("schedule_job",), [name for name in PERMISSIONS if name != "schedule_job"]]:
        stranger = client_of(person(*permissions))
        assert stranger.get(EDIT).status_code == stranger.post(EDIT, sent).status_code == 403
        assert stranger.get(MEANING, sent).status_code == 403
    may = person("view_jobrun", "schedule_job")
    assert client_of(may, enforce_csrf_checks=True).post(EDIT, sent).status_code == 403
    assert Client().post(EDIT, sent).status_code == 302
    assert client_of(may).post(MEANING, sent).status_code == client_of(may).put(EDIT, sent).status_code == 405
    assert states() == before


def test_the_link_needs_the_permission(client):
    job = reverse("admin:maintenance_job", args=[NAME])

    assert f'href="{EDIT}"' in text_of(client, job)
    assert f'href="{EDIT}"' not in text_of(client_of(person("view_jobrun", "run_job")), job)


def test_unknown_and_broken_jobs_have_no_schedule_to_edit(client, monkeypatch):
    assert client.get(reverse("admin:maintenance_schedule", args=["nope"])).status_code == 404
    monkeypatch.setattr(registry, "_broken", {"broken-job": "ImportError"})
    address = reverse("admin:maintenance_schedule", args=["broken-job"])

    answer = client.post(address, {"cron": CONVERTED}, follow=True)

    assert "cannot be loaded, so it has no schedule to edit" in answer.content.decode()
    assert f'href="{address}"' not in answer.content.decode()


def test_the_page_takes_few_queries(client):
    controls.disable(NAME)
    with CaptureQueriesContext(connection) as captured:
        page = text_of(client, EDIT)
    assert len(captured) < 20
    ours = page[page.index('class="mb"') : page.index('id="footer"')]
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script", ours)
