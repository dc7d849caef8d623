"""Uploads with their files, and files without: what the tests of their removal share."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bazaar.models import Upload
from maintenance.core import registry
from maintenance.engine.runner import run_now
from tests import factories

NAME = "cleanup-orphaned-files"
NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
LIMIT = timedelta(days=30)
MOMENT = timedelta(microseconds=1)
OLD = NOW - LIMIT - timedelta(days=1)
CONTENT = factories.PNG


def make(moment=OLD, **fields):
    return factories.make(Upload, created_at=moment, **{"content": CONTENT, **fields})


def run(**options):
    return run_now(NAME, **{"now": NOW, **options})


def path_of(upload):
    return Path(upload.file.path)


def left():
    """Keys of the rows that are left."""
    return set(Upload.objects.values_list("pk", flat=True))


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def due():
    return {pk for stage in registry.get(NAME).stages(NOW) for pk in stage.due.values_list("pk", flat=True)}


def leave(folder, name="left.png", *, moment=OLD, content=CONTENT):
    """Put a file into the storage that no row knows."""
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(content)
    os.utime(path, (moment.timestamp(),) * 2)
    return path
