"""System checks of the engine: each setting alone, and those that must fit together. No job runs while one fails."""

import math
import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning as CheckWarning, register
from django.utils import timezone

from maintenance.conf import MARGIN, settings
from maintenance.core import registry
from maintenance.core.errors import InvalidRetention
from maintenance.core.retention import Retention
from maintenance.core.variables import misspelt
from maintenance.engine.preflight import SETTINGS, TAG

PER_PROCESS_CACHES = ("locmem.LocMemCache", "dummy.DummyCache")
FEWEST_WORKERS = 3
SHORTEST_LEASE = 5


@register(TAG, SETTINGS)
def check_retentions(**_kwargs: Any) -> list[CheckMessage]:
    """Every age limit is a whole number of at least 1, and within a century."""
    return [message for job in registry.all_jobs() for limit in job.retentions for message in _check_retention(limit)]


def _check_retention(retention: Retention) -> Iterator[CheckMessage]:
    try:
        retention.cutoff(timezone.now())
    except InvalidRetention:
        text = f"{retention.setting} cannot be used."
        yield Error(text, hint=f"Set it to {retention.may_be}.", id="maintenance.E001")


@register(TAG, SETTINGS)
def check_jobs(**_kwargs: Any) -> list[CheckMessage]:
    """What a job itself has to say, for instance about two limits that must fit together."""
    return [message for job in registry.all_jobs() for message in job.check()]


@register(TAG, SETTINGS)
def check_timing(**_kwargs: Any) -> list[CheckMessage]:
    """Batch, pause, lease and time budget are sensible durations and fit each other."""
    names = ("BATCH_SECONDS", "BATCH_PAUSE", "TIME_BUDGET", "LEASE_SECONDS")
    values = {f"MAINTENANCE_{name}": getattr(settings, f"MAINTENANCE_{name}") for name in names}
    texts = [f"{name} is not a number." for name, value in values.items() if not _is_number(value)]
    if texts:
        return [Error(text, hint="Set it to a number of seconds.", id="maintenance.E002") for text in texts]
    lease, pause = settings.MAINTENANCE_LEASE_SECONDS, settings.MAINTENANCE_BATCH_PAUSE
    faults = [
        (settings.MAINTENANCE_BATCH_SECONDS <= 0, "MAINTENANCE_BATCH_SECONDS is not positive.", "Set it to 0.1."),
        (pause < 0, "MAINTENANCE_BATCH_PAUSE is negative.", "Set it to 0.5, or to 0 for no pause."),
        (settings.MAINTENANCE_TIME_BUDGET <= 0, "MAINTENANCE_TIME_BUDGET is not positive.", "Set it to 3600."),
        (lease < SHORTEST_LEASE, f"MAINTENANCE_LEASE_SECONDS is below {SHORTEST_LEASE}.", "Set it to 60."),
        (
            lease >= SHORTEST_LEASE and pause > lease / 4,
            "MAINTENANCE_BATCH_PAUSE is over a quarter of MAINTENANCE_LEASE_SECONDS, and a run would lose its lease.",
            f"Set it to at most {lease / 4:g}, or lengthen the lease.",
        ),
    ]
    return [Error(text, hint=hint, id="maintenance.E002") for is_wrong, text, hint in faults if is_wrong]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


@register(TAG, SETTINGS)
def check_queue(**_kwargs: Any) -> list[CheckMessage]:
    """The queue lets a run use its time budget, and offers a task only once."""
    queue = settings.Q_CLUSTER
    budget = settings.MAINTENANCE_TIME_BUDGET
    faults = [
        (
            queue["timeout"] <= budget,
            f"Q_TIMEOUT ({queue['timeout']} s) is not above MAINTENANCE_TIME_BUDGET ({budget:g} s) and ends runs.",
            f"Leave it out, or set it to at least {budget + MARGIN:g}.",
        ),
        (
            queue["retry"] <= queue["timeout"],
            f"Q_RETRY ({queue['retry']} s) is not above Q_TIMEOUT ({queue['timeout']} s), and tasks would come twice.",
            f"Leave it out, or set it to at least {queue['timeout'] + MARGIN}.",
        ),
        (
            queue["workers"] < FEWEST_WORKERS,
            f"Q_WORKERS is {queue['workers']}: one long run would hold up the others.",
            f"Set it to at least {FEWEST_WORKERS}.",
        ),
    ]
    return [Error(text, hint=hint, id="maintenance.E003") for is_wrong, text, hint in faults if is_wrong]


@register(TAG, SETTINGS)
def check_cache(**_kwargs: Any) -> list[CheckMessage]:
    """The cache is shared between processes: the cluster tells the web process its state through it."""
    if not django_settings.CACHES["default"]["BACKEND"].endswith(PER_PROCESS_CACHES):
        return []
    return [
        Error(
            "CACHE_URL names a cache of one process alone: the web process would see nothing of the cluster.",
            hint="Leave CACHE_URL out for a cache in files, or name a Redis or Memcached server.",
            id="maintenance.E004",
        )
    ]


@register(TAG)
def check_variables(**_kwargs: Any) -> list[CheckMessage]:
    """No variable of the environment is a misspelt one of the project's."""
    if not settings.ENVIRONMENT_VARIABLES:
        return []
    limits = {limit.setting for job in registry.all_jobs() for limit in job.retentions}
    return [
        CheckWarning(
            f"The environment variable {name} is not read by anything.",
            hint=f"Did you mean {likely}?",
            id="maintenance.W001",
        )
        for name, likely in misspelt(os.environ, settings.ENVIRONMENT_VARIABLES | limits).items()
    ]
