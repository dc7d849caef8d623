"""A job of the tests' own, and the moment from which they count."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.core.management import call_command

from maintenance.api import Outcome, QuerySetJob, Retention, delete_rows
from maintenance.core import registry
from tests.engine_app.models import Item

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)


class ScratchJob(QuerySetJob):
    name = "scratch"
    description = "Delete items as the test says."
    schedule = "0 0 * * *"
    retention = Retention("SCRATCH_RETENTION_DAYS", field="seen_at", days=90)

    def __init__(self, process: Callable[[Any], Outcome] | None = None) -> None:
        self.batches: list[list[int]] = []
        self._process = process or (lambda batch: Outcome(deleted=delete_rows(batch)))

    def due(self, now):
        return Item.objects.filter(seen_at__lt=self.retention.cutoff(now))

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
def items() -> Callable[[int], list[Item]]:
    """Make so many items that are long past any limit."""

    def make(count: int) -> list[Item]:
        offset = Item.objects.count()
        return Item.objects.bulk_create(
            Item(label=f"item-{offset + number}", seen_at=datetime(2020, 1, 1, tzinfo=UTC)) for number in range(count)
        )

    return make


@pytest.fixture
def staff_user() -> AbstractBaseUser:
    """An account that may ask for runs."""
    return get_user_model().objects.create_user("staff@example.org", is_staff=True)


@pytest.fixture
def audit_trail(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the engine records in the project's audit trail: the keywords of each call."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(registry, "audit_trail", lambda: lambda **call: calls.append(call))
    return calls


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


@pytest.fixture
def run_command() -> Callable[..., tuple[str, str]]:
    """Call a command, check its exit status, and return what it wrote to standard output and to standard error."""

    def run(*args: str, status: int = 0, out: StringIO | None = None) -> tuple[str, str]:
        out, err, code = out or StringIO(), StringIO(), 0
        try:
            call_command(*args, stdout=out, stderr=err)
        except SystemExit as end:
            code = end.code
        assert code == status, err.getvalue()
        return out.getvalue(), err.getvalue()

    return run
