"""What each permission allows in the admin: the table in the documents, computed from the pages."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import RequestFactory
from django.urls import reverse

from bazaar.models import User
from maintenance.models import JobRun
from tests.bazaar.admin.permissions import name_of, permissions, send
from tests.factories import UserFactory
from tests.project.documents import document

pytestmark = pytest.mark.django_db

ENGINE = {
    "run": ("maintenance_run", ["cleanup-push-tokens"]),
    "dry-run": ("maintenance_dry_run", ["cleanup-push-tokens"]),
    "cancel a run": ("maintenance_cancel", [1]),
    "enable a job": ("maintenance_enable", ["cleanup-push-tokens"]),
    "disable a job": ("maintenance_disable", ["cleanup-push-tokens"]),
    "schedule a job": ("maintenance_schedule", ["cleanup-push-tokens"]),
    "pause all jobs": ("maintenance_pause", []),
    "resume all jobs": ("maintenance_resume", []),
    "pause a job": ("maintenance_pause_job", ["cleanup-push-tokens"]),
    "resume a job": ("maintenance_resume_job", ["cleanup-push-tokens"]),
}
DEPENDS_ON = {
    "run_job": "view_jobrun",
    "cancel_run": "view_jobrun",
    "schedule_job": "view_jobrun",
    "export_user": "view_user",
}
"""A permission for the pages of another one allows nothing without it."""


def abilities(holder):
    """Return what somebody can do on the pages."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=holder.pk)
    for model, page in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label):
        for what, kind in (("view", "see"), ("add", "add"), ("change", "change"), ("delete", "delete")):
            if getattr(page, f"has_{what}_permission")(request):
                yield f"{kind} {str(model._meta.verbose_name_plural).lower()}"
        yield from described(page.get_actions(request))
    for name, (view, arguments) in ENGINE.items():
        if is_let_in(send(holder, reverse(f"admin:{view}", args=arguments), {})):
            yield name
    if may_export(holder):
        yield "export what is held about a user"


def described(actions):
    """Return what the actions of a list do."""
    return [
        str(description).lower().replace(" (anonymise)", "")
        for name, (_function, _name, description) in actions.items()
        if name != "delete_selected"
    ]


def is_let_in(response):
    return response is not None and response.status_code != 403


def may_export(user):
    response = send(user, reverse("admin:bazaar_held", args=[user.pk]), {})
    if response is not None:
        assert b"".join(response.streaming_content), "an archive"
        response.file_to_stream.close()
    return is_let_in(response)


def allowed(*given):
    """Return what these permissions together allow, as the table has it."""
    with transaction.atomic():
        holder = UserFactory(is_staff=True)
        holder.user_permissions.set(given)
        found = list(abilities(holder))
        transaction.set_rollback(True)
    return ", ".join(dict.fromkeys(found))


def test_the_table_of_permissions_is_what_the_pages_allow():
    run = JobRun.objects.create(job="cleanup-push-tokens", trigger="admin")
    ENGINE["cancel a run"] = ("maintenance_cancel", [run.pk])
    rows = {}
    for permission in permissions():
        if other := DEPENDS_ON.get(permission.codename):
            view = Permission.objects.get(codename=other)
            alone, both = allowed(permission), allowed(view, permission)
            assert alone == "", "an action needs the permission to see the pages too"
            found = both.removeprefix(allowed(view)).strip(", ")
        else:
            found = allowed(permission)
        if found:
            rows[name_of(permission)] = found
    expected = [f"| `{name}` | {found} |" for name, found in rows.items()]
    text = document("docs/permissions.md").text
    told = [line for line in text.splitlines() if line.startswith("| `")]

    assert len(expected) > 30
    assert told == expected, "\n".join(["", *expected])
