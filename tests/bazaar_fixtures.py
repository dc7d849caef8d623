"""Rows and files of the community, for the tests of the site and for those that run its jobs."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps.registry import Apps
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from bazaar.models import PushToken, User


@pytest.fixture
def tokens() -> Callable[[int], list[PushToken]]:
    """Make so many push tokens that are long past any limit."""

    def make(count: int) -> list[PushToken]:
        user, _ = User.objects.get_or_create(email="owner@example.org")
        offset = PushToken.objects.count()
        return PushToken.objects.bulk_create(
            PushToken(
                user=user,
                token=f"token-{offset + number}",
                platform=PushToken.Platform.IOS,
                last_used_at=datetime(2020, 1, 1, tzinfo=UTC),
            )
            for number in range(count)
        )

    return make


@pytest.fixture
def migrate(transactional_db: None) -> Iterator[Callable[..., Apps]]:
    """Migrate the database as an operator does, and return the models of then; at the end it is migrated fully."""

    def migrate(*target: str) -> Apps:
        call_command("migrate", *target, verbosity=0)
        return MigrationExecutor(connection).loader.project_state([target] if target else None).apps

    yield migrate
    migrate()


@pytest.fixture
def uploads(settings: Any, tmp_path: Path) -> Path:
    """An uploads folder of the test's own."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder)}}
    }
    assert default_storage.location == str(folder)
    return folder
