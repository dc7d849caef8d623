"""Who changed the schedule of a job, and when."""

import re

import pytest
from django.urls import reverse

from maintenance.core import registry
from maintenance.pages.changes import Change, Changes, changes_of
from maintenance.scheduling import controls
from tests.maintenance.pages.people import PERMISSIONS, client_of, person, text_of
from tests.maintenance.pages.rows import NAME, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]

JOB = reverse("admin:maintenance_job", args=[NAME])


def test_a_job_that_nobody_changed_has_no_changes(viewer):
    assert changes_of(NAME) == Changes()
    assert re.search(r'id="changes"[^>]* hidden>', text_of(viewer, JOB))


def test_changes_are_told_with_person_and_time(viewer):
    first, second = person(*PERMISSIONS), person(*PERMISSIONS)
    client_of(first).post(reverse("admin:maintenance_disable", args=[NAME]))
    client_of(second).post(reverse("admin:maintenance_schedule", args=[NAME]), {"cron": "5 4 * * *"})

    changes = changes_of(NAME)

    before = registry.get(NAME).schedule
    assert changes.by == second
    assert [(type(entry), entry.by, entry.words) for entry in changes.entries] == [
        (Change, second, f"Set the schedule from '{before}' to '5 4 * * *'."),
        (Change, first, "Disabled the schedule."),
    ]
    told = text_of(viewer, JOB).split('id="changes"')[1].split("</section>")[0]
    for entry in changes.entries:
        assert str(entry.by) in told
        assert f"{entry.at:%Y-%m-%d %H:%M}" in told


def test_a_change_on_the_command_line_has_no_person(viewer):
    controls.disable(NAME)

    assert (changes_of(NAME).by, changes_of(NAME).entries) == (None, [])
    assert "on the command line, or by an account that is gone" in text_of(viewer, JOB)


def test_a_person_is_a_link_for_who_may_view_accounts(viewer):
    operator = person(*PERMISSIONS)
    controls.disable(NAME, by=operator)
    run = make_run(requested_by=operator)
    link = f'<a href="{reverse("admin:bazaar_user_change", args=[operator.pk])}">{operator}</a>'
    privileged = client_of(person("view_jobrun", "view_user"))

    for address in (JOB, run_page(run)):
        assert link in text_of(privileged, address)
        page = text_of(viewer, address)
        assert link not in page
        assert str(operator) in page
