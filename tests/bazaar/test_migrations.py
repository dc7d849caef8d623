"""Migrations on tables with data, and back to nothing."""

import hashlib
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bazaar.models import Invitation, Project, Upload
from maintenance.models import JobRun, Pause
from maintenance.reporting import totals
from maintenance.total_models import DailyTotal
from tests.empty_databases import databases_of, sqlite_files
from tests.factories import InvitationFactory
from tests.postgresql_server import start

BEFORE, AFTER = ("bazaar", "0009_attempts_by_place_and_device"), ("bazaar", "0010_hashes_of_invitation_tokens")


def test_tokens_of_invitations_are_hashed_and_their_links_stay_valid(migrate):
    old = migrate(*BEFORE)
    user = old.get_model("bazaar", "User").objects.create(email="ann@example.org")
    project = old.get_model("bazaar", "Project").objects.create(title="A", description="B")
    tokens = [f"token-{number}" for number in range(3)] + ["ü" * 64]
    later = timezone.now() + timedelta(days=1)
    rows = [
        old.get_model("bazaar", "Invitation")(
            token=token, email="b@example.org", invited_by=user, project=project, expires_at=later
        )
        for token in tokens
    ]
    old.get_model("bazaar", "Invitation").objects.bulk_create(rows)

    migrate(*AFTER)

    assert Invitation.objects.count() == len(tokens)
    for token in tokens:
        assert Invitation.objects.with_token(token).get().token_hash == hashlib.sha256(token.encode()).hexdigest()
    migrate(*BEFORE)


def test_uploads_that_something_uses_are_marked(migrate):
    old = migrate("bazaar", "0013_find_resources_by_id")
    uploads = [
        old.get_model("bazaar", "Upload").objects.create(file=f"{name}.png", mime_type="image/png", size=1)
        for name in ("unused", "avatar", "image")
    ]
    old.get_model("bazaar", "User").objects.create(email="ann@example.org", avatar=uploads[1])
    old.get_model("bazaar", "Project").objects.create(title="A", image=uploads[2])

    migrate("bazaar", "0014_uploads_in_use")

    marked = dict(Upload.objects.values_list("file", "in_use"))
    assert marked == {"unused.png": False, "avatar.png": True, "image.png": True}
    Project.objects.all().delete()
    assert Upload.objects.filter(in_use=True).get().file == "avatar.png"


def test_a_pause_of_all_jobs_stays_and_jobs_can_be_paused_beside_it(migrate):
    old = migrate("maintenance", "0011_alerts_and_their_outbox")
    old.get_model("maintenance", "Pause").objects.create(reason="upgrade")

    migrate("maintenance", "0012_pauses_with_an_end")

    assert [(pause.job, pause.reason, pause.until) for pause in Pause.objects.all()] == [("", "upgrade", None)]
    Pause.objects.create(job="cleanup-push-tokens")
    Pause.objects.filter(job="").delete()
    Pause.objects.create(reason="another upgrade")

    old = migrate("maintenance", "0011_alerts_and_their_outbox")

    assert list(old.get_model("maintenance", "Pause").objects.values_list("id", "reason")) == [(1, "another upgrade")]
    migrate("maintenance", "0012_pauses_with_an_end")


def test_totals_of_deleted_runs_are_kept_and_undone_without_counting_twice(migrate):
    old = migrate("maintenance", "0009_find_latest_runs_and_errors")
    at, minute = timezone.now(), timedelta(minutes=1)
    times = {"started_at": at, "finished_at": at + minute}
    pruned = {"job": "a", "status": "succeeded"}
    old.get_model("maintenance", "RunTotal").objects.create(**pruned, runs=5, items=50, duration=5 * minute)
    old.get_model("maintenance", "JobRun").objects.create(**pruned, trigger="schedule", items_done=7, **times)

    migrate("maintenance", "0010_daily_totals")

    expected = [totals.Total("a", "succeeded", 6, 57, 6 * minute)]
    assert totals.totals() == expected
    assert DailyTotal.objects.get(day=None).runs == 5
    with transaction.atomic():
        totals.add(JobRun.objects.all())
    assert totals.totals() == expected
    assert DailyTotal.objects.exclude(day=None).get().items_done == 7

    before = migrate("maintenance", "0009_find_latest_runs_and_errors")
    total = before.get_model("maintenance", "RunTotal").objects.get()
    assert (total.runs, total.items, total.duration) == (5, 50, 5 * minute), "the history has the other one"


@pytest.mark.django_db
def test_a_new_token_is_told_once_and_not_kept():
    invitation = InvitationFactory()

    token = invitation.renew_token()
    invitation.save()

    assert Invitation.objects.with_token(token).get() == invitation
    assert token not in str(Invitation.objects.values().get())
    assert not Invitation.objects.with_token(invitation.token_hash).exists()


@pytest.mark.process
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
@pytest.mark.parametrize("order", [("maintenance", "bazaar"), ("bazaar", "maintenance")])
def test_migrations_are_undone_to_nothing_in_any_order(kind, order, tmp_path):
    urls = sqlite_files(tmp_path) if kind == "sqlite" else databases_of(start(f"undone-{order[0]}"))
    environment = {**os.environ, **urls, "ENV_FILE": "", "DJANGO_SETTINGS_MODULE": "bazaar.settings"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", UNDO, *order, "django_q", *ON_THEIR_OWN],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    before, after = done.stdout.splitlines()
    assert before, "there is something to undo"
    assert not after


ON_THEIR_OWN = ("redaction", "decisions", "ledger")
"""Apps whose tables refer to none of the others: nothing else undoes them."""


UNDO = """
import sys

import django

django.setup()

from django.apps import apps
from django.core.management import call_command
from django.db import connections

ours = {config.label for config in apps.get_app_configs() if config.name.startswith(("bazaar", "maintenance"))}
begins = "^(" + "|".join(sorted({*ours, "maint"})) + ")"

def print_what_is_there():
    names = []
    for connection in connections.all():
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name FROM sqlite_master WHERE name REGEXP %s OR type = 'trigger'", [begins])
            else:
                cursor.execute("SELECT relname FROM pg_class WHERE relname ~ %s "
                               "UNION SELECT proname FROM pg_proc WHERE proname ~ %s", [begins, begins])
            names += [row[0] for row in cursor.fetchall()]
    print(*names)

call_command("migrate", verbosity=0)
print_what_is_there()
for app in sys.argv[1:]:
    call_command("migrate", app, "zero", verbosity=0)
print_what_is_there()
"""
