"""System checks of the engine: each setting alone, and those that must fit together. No job runs while one fails."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils import timezone

from maintenance import registry
from maintenance.errors import InvalidRetention
from maintenance.preflight import TAG

PER_PROCESS_CACHES = ("locmem.LocMemCache", "dummy.DummyCache")
FEWEST_WORKERS = 3
SHORTEST_LEASE = 5


@register(TAG)
def check_retentions(**_kwargs: Any) -> list[CheckMessage]:
    """Every age limit is a whole number of at least 1 that reaches no further back than the calendar."""
    return [message for job in registry.all_jobs() for limit in job.retentions for message in _check_retention(limit)]


def _check_retention(retention: Any) -> Iterator[CheckMessage]:
    try:
        retention.cutoff(timezone.now())
    except InvalidRetention as error:
        yield Error(
            str(error),
            hint=f"Set {retention.setting} to a whole number of {retention.unit} (default {retention.default}).",
            id="maintenance.E001",
        )


@register(TAG)
def check_jobs(**_kwargs: Any) -> list[CheckMessage]:
    """What a job itself has to say, for instance about two limits that must fit together."""
    return [message for job in registry.all_jobs() for message in job.check()]


@register(TAG)
def check_timing(**_kwargs: Any) -> list[CheckMessage]:
    """Batch, pause, lease and time budget are sensible durations and fit each other."""
    lease, pause = settings.MAINTENANCE_LEASE_SECONDS, settings.MAINTENANCE_BATCH_PAUSE
    faults = [
        (settings.MAINTENANCE_BATCH_SECONDS <= 0, "MAINTENANCE_BATCH_SECONDS is not positive.", "Set it to 0.1."),
        (pause < 0, "MAINTENANCE_BATCH_PAUSE is negative.", "Set it to 0.5, or to 0 for no pause."),
        (settings.MAINTENANCE_TIME_BUDGET <= 0, "MAINTENANCE_TIME_BUDGET is not positive.", "Set it to 3600."),
        (lease < SHORTEST_LEASE, f"MAINTENANCE_LEASE_SECONDS is below {SHORTEST_LEASE}.", "Set it to 60."),
        (
            lease >= SHORTEST_LEASE and pause > lease / 4,
            "MAINTENANCE_BATCH_PAUSE is over a quarter of MAINTENANCE_LEASE_SECONDS: a run would lose its lease.",
            "Shorten the pause, or lengthen the lease.",
        ),
    ]
    return [Error(text, hint=hint, id="maintenance.E002") for is_wrong, text, hint in faults if is_wrong]


@register(TAG)
def check_queue(**_kwargs: Any) -> list[CheckMessage]:
    """The queue lets a run use its time budget, and offers a task only once."""
    queue = settings.Q_CLUSTER
    budget = settings.MAINTENANCE_TIME_BUDGET
    faults = [
        (
            queue["timeout"] <= budget,
            f"Q_TIMEOUT ({queue['timeout']} s) is not above MAINTENANCE_TIME_BUDGET ({budget:g} s) and ends runs.",
            "Leave Q_TIMEOUT out: it is then the budget and ten minutes.",
        ),
        (
            queue["retry"] <= queue["timeout"],
            f"Q_RETRY ({queue['retry']} s) is not above Q_TIMEOUT ({queue['timeout']} s): tasks would be taken twice.",
            "Leave Q_RETRY out: it is then the time-out and ten minutes.",
        ),
        (
            queue["workers"] < FEWEST_WORKERS,
            f"Q_WORKERS is {queue['workers']}: one long run would hold up the others.",
            f"Set it to at least {FEWEST_WORKERS}.",
        ),
    ]
    return [Error(text, hint=hint, id="maintenance.E003") for is_wrong, text, hint in faults if is_wrong]


@register(TAG)
def check_cache(**_kwargs: Any) -> list[CheckMessage]:
    """The cache is shared between processes: the cluster tells the web process its state through it."""
    if not settings.CACHES["default"]["BACKEND"].endswith(PER_PROCESS_CACHES):
        return []
    return [
        Error(
            "CACHE_URL names a cache of one process alone: the web process would see nothing of the cluster.",
            hint="Leave CACHE_URL out for a cache in files, or name a Redis or Memcached server.",
            id="maintenance.E004",
        )
    ]
