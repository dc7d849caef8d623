"""A job of the tests' own, and the moment from which they count."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache

from bazaar.models import PushToken, User
from maintenance.api import Outcome, QuerySetJob, Retention, delete_rows
from maintenance.core import registry

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)


class ScratchJob(QuerySetJob):
    name = "scratch"
    description = "Delete push tokens as the test says."
    schedule = "0 0 * * *"
    retention = Retention("SCRATCH_RETENTION_DAYS", field="last_used_at", days=90)

    def __init__(self, process: Callable[[Any], Outcome] | None = None) -> None:
        self.batches: list[list[int]] = []
        self._process = process or (lambda batch: Outcome(deleted=delete_rows(batch)))

    def due(self, now):
        return PushToken.objects.filter(last_used_at__lt=self.retention.cutoff(now))

    def process(self, batch):
        self.batches.append(list(batch.values_list("pk", flat=True)))
        return self._process(batch)


@pytest.fixture
def scratch_job() -> Iterator[Callable[..., ScratchJob]]:
    """Register a job whose `process` the test brings; it is gone afterwards."""

    def make(process: Callable[[Any], Outcome] | None = None, **attributes: Any) -> ScratchJob:
        job = type("ScratchJob", (ScratchJob,), attributes)(process)
        registry.register(job)
        return job

    yield make
    registry.unregister("scratch")


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
def empty_cache() -> None:
    """Let nothing be known from before."""
    cache.clear()


@pytest.fixture
def batches_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Fix the size of batches."""

    def fix(size: int) -> None:
        monkeypatch.setattr("maintenance.engine.batches.FIRST", size)
        monkeypatch.setattr("maintenance.engine.batches.LARGEST", size)

    return fix
