"""Fixtures of the tests of jobs."""

import pytest
from django.core.files.storage import FileSystemStorage

from tests.maintenance.jobs.orphans import CONTENT


@pytest.fixture
def folder(tmp_path, settings):
    """An uploads storage of the test's own, beside which lies something that is none of its business."""
    location = tmp_path / "uploads"
    location.mkdir()
    (tmp_path / "outside.txt").write_bytes(CONTENT)
    backend = {"BACKEND": settings.STORAGES["default"]["BACKEND"], "OPTIONS": {"location": str(location)}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return location


@pytest.fixture
def refuse_to_delete(monkeypatch):
    """Let the storage refuse to delete some files, as a folder that is read-only does."""
    delete = FileSystemStorage.delete

    def refuse(*names):
        def refusing(storage, name):
            if name in names:
                raise PermissionError(13, "Permission denied", name)
            delete(storage, name)

        monkeypatch.setattr(FileSystemStorage, "delete", refusing)

    return refuse
