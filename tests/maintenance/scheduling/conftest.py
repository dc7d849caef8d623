"""What monitors outside are told by the code under test."""

import pytest

from maintenance.core import checkins


@pytest.fixture
def told_checkins(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the job and the status of each end of a run that is reported to a monitor."""
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(checkins, "ended", lambda job, status: told.append((job, status)))
    return told
