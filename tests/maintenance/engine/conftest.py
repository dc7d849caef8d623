"""Fixtures of the tests of the engine."""

from types import SimpleNamespace

import pytest


@pytest.fixture
def clock(monkeypatch):
    """A clock of the run's own, which the test moves."""
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr("maintenance.engine.executor.time", clock)
    return clock
