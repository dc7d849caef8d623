"""The tests of erasure delete files."""

import pytest


@pytest.fixture(autouse=True)
def _uploads_of_its_own(uploads):
    """No test of erasure writes to the common uploads folder."""
