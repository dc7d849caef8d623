"""Fixtures of the tests of jobs."""

import pytest

from tests.bazaar.jobs.orphans import CONTENT


@pytest.fixture
def folder(tmp_path, settings):
    """An uploads storage of the test's own, beside which lies something that is none of its business."""
    location = tmp_path / "uploads"
    location.mkdir()
    (tmp_path / "outside.txt").write_bytes(CONTENT)
    backend = {"BACKEND": settings.STORAGES["default"]["BACKEND"], "OPTIONS": {"location": str(location)}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return location
