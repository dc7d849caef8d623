"""The tests of uploads delete files."""

import pytest


@pytest.fixture(autouse=True)
def _uploads_of_its_own(uploads):
    """No test of uploads writes to the common folder."""
