"""Fixtures of the tests of jobs."""

import pytest

from tests.bazaar.jobs.orphans import CONTENT


@pytest.fixture
def folder(uploads):
    """The uploads folder, beside which lies something that is none of its business."""
    (uploads.parent / "outside.txt").write_bytes(CONTENT)
    return uploads
