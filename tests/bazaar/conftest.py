"""Fixtures of the tests of the domain."""

import pytest
from django.core.files.storage import default_storage


@pytest.fixture
def uploads(settings, tmp_path):
    """An uploads folder of the test's own."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder)}}
    }
    assert default_storage.location == str(folder)
    return folder
