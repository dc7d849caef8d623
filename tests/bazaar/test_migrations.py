"""Migrations on tables with data, and back to nothing."""

import hashlib
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from bazaar.models import Invitation
from tests.factories import InvitationFactory
from tests.postgresql_server import start

BEFORE, AFTER = ("bazaar", "0009_attempts_by_place_and_device"), ("bazaar", "0010_hashes_of_invitation_tokens")


@pytest.fixture
def migrate(transactional_db):
    """Migrate the database there and back; it is as it should be afterwards."""

    def migrate(*target):
        executor = MigrationExecutor(connection)
        executor.migrate([target])
        return executor.loader.project_state([target]).apps

    yield migrate
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


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


@pytest.mark.django_db
def test_a_new_token_is_told_once_and_not_kept():
    invitation = InvitationFactory()

    token = invitation.renew_token()
    invitation.save()

    assert Invitation.objects.with_token(token).get() == invitation
    assert token not in str(Invitation.objects.values().get())
    assert not Invitation.objects.with_token(invitation.token_hash).exists()


def manage(url, *arguments):
    environment = {**os.environ, "DATABASE_URL": url, "ENV_FILE": "", "DJANGO_SETTINGS_MODULE": "bazaar.settings"}
    command = [sys.executable, "-W", "error", "manage.py", *arguments]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


@pytest.mark.process
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_migrations_are_undone_to_nothing_in_any_order(kind, tmp_path):
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}" if kind == "sqlite" else start("undone")
    for order in (("maintenance", "bazaar"), ("bazaar", "maintenance")):
        manage(url, "migrate", "--verbosity=0")
        for app in (*order, "django_q"):
            manage(url, "migrate", app, "zero", "--verbosity=0")
        left = manage(url, "shell", "--no-imports", "-v0", "-c", LEFT).split()
        assert left == []


LEFT = """
from django.db import connection
with connection.cursor() as cursor:
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name FROM sqlite_master "
                       "WHERE name LIKE 'bazaar%' OR name LIKE 'maint%' OR type = 'trigger'")
    else:
        cursor.execute("SELECT relname FROM pg_class WHERE relname ~ '^(bazaar|maint)' "
                       "UNION SELECT proname FROM pg_proc WHERE proname ~ '^(bazaar|maint)'")
    print(*(row[0] for row in cursor.fetchall()))
"""
