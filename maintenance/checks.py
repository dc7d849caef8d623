"""System checks of the engine: each setting, and their combinations. No job runs while a check fails."""

import math
import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning as CheckWarning, register
from django.utils import timezone

from maintenance.conf import MARGIN, settings
from maintenance.core import channel_schemes, channels, registry
from maintenance.core.errors import InvalidRetention
from maintenance.core.retention import Retention
from maintenance.core.variables import misspelt
from maintenance.engine.preflight import SETTINGS, TAG

PER_PROCESS_CACHES = ("locmem.LocMemCache", "dummy.DummyCache")
FEWEST_WORKERS = 3
SHORTEST_LEASE = 5


@register(TAG, SETTINGS)
def check_retentions(**_kwargs: Any) -> list[CheckMessage]:
    """Check that every age limit is a whole number from one day to a century."""
    return [message for job in registry.all_jobs() for limit in job.retentions for message in _check_retention(limit)]


def _check_retention(retention: Retention) -> Iterator[CheckMessage]:
    try:
        retention.cutoff(timezone.now())
    except InvalidRetention:
        text = f"{retention.setting} cannot be used."
        yield Error(text, hint=f"Set it to {retention.may_be}.", id="maintenance.E001")


@register(TAG, SETTINGS)
def check_jobs(**_kwargs: Any) -> list[CheckMessage]:
    """Run the checks of the jobs, for instance of two limits that must fit together."""
    return [message for job in registry.all_jobs() for message in job.check()]


@register(TAG, SETTINGS)
def check_timing(**_kwargs: Any) -> list[CheckMessage]:
    """Check that batch, pause, lease and time budget are valid durations and fit together."""
    names = ("BATCH_SECONDS", "BATCH_PAUSE", "DUTY_CYCLE", "TIME_BUDGET", "LEASE_SECONDS", "STALL_SECONDS")
    values = {f"MAINTENANCE_{name}": getattr(settings, f"MAINTENANCE_{name}") for name in names}
    texts = [f"{name} is not a number." for name, value in values.items() if not _is_number(value)]
    if texts:
        return [Error(text, hint="Set it to a number.", id="maintenance.E002") for text in texts]
    lease, pause = settings.MAINTENANCE_LEASE_SECONDS, settings.MAINTENANCE_BATCH_PAUSE
    faults = [
        (settings.MAINTENANCE_BATCH_SECONDS <= 0, "MAINTENANCE_BATCH_SECONDS is not positive.", "Set it to 0.1."),
        (pause < 0, "MAINTENANCE_BATCH_PAUSE is negative.", "Set it to 0.5, or to 0 for no pause."),
        (
            not 0 <= settings.MAINTENANCE_DUTY_CYCLE <= 1,
            "MAINTENANCE_DUTY_CYCLE is not from 0 to 1.",
            "Set it to the share of its time that a run works, such as 0.5.",
        ),
        (settings.MAINTENANCE_TIME_BUDGET <= 0, "MAINTENANCE_TIME_BUDGET is not positive.", "Set it to 3600."),
        (settings.MAINTENANCE_STALL_SECONDS <= 0, "MAINTENANCE_STALL_SECONDS is not positive.", "Set it to 300."),
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
    """Check that the queue lets a run use its time budget and delivers a task only once."""
    queue = settings.Q_CLUSTER
    budget = settings.MAINTENANCE_TIME_BUDGET
    faults = [
        (
            queue["timeout"] <= budget,
            f"Q_TIMEOUT ({queue['timeout']} s) is not above MAINTENANCE_TIME_BUDGET ({budget:g} s) and would end runs.",
            f"Leave it out, or set it to at least {budget + MARGIN:g}.",
        ),
        (
            queue["retry"] <= queue["timeout"],
            f"Q_RETRY ({queue['retry']} s) is not above Q_TIMEOUT ({queue['timeout']} s), and tasks would run twice.",
            f"Leave it out, or set it to at least {queue['timeout'] + MARGIN}.",
        ),
        (
            queue["workers"] < FEWEST_WORKERS,
            f"Q_WORKERS is {queue['workers']}: one long run would block the others.",
            f"Set it to at least {FEWEST_WORKERS}.",
        ),
    ]
    return [Error(text, hint=hint, id="maintenance.E003") for is_wrong, text, hint in faults if is_wrong]


@register(TAG, SETTINGS)
def check_cache(**_kwargs: Any) -> list[CheckMessage]:
    """Check that all processes share the cache, through which the web process reads the state of the cluster."""
    if not django_settings.CACHES["default"]["BACKEND"].endswith(PER_PROCESS_CACHES):
        return []
    return [
        Error(
            "CACHE_URL is the cache of a single process: the web process could not see the cluster.",
            hint="Leave CACHE_URL out for a cache in files, or name a Redis or Memcached server.",
            id="maintenance.E004",
        )
    ]


@register(TAG, SETTINGS)
def check_channels(**_kwargs: Any) -> list[CheckMessage]:
    """Check that each address of `ALERT_URLS` is one of a channel. It carries credentials, and is not quoted."""
    if all(channel_schemes.is_known(channel.url) for channel in channels.configured()):
        return []
    return [
        Error(
            "ALERT_URLS has an address that is none of a channel.",
            hint="Begin each with a scheme of apprise, such as mailtos:// or ntfys://.",
            id="maintenance.E006",
        )
    ]


@register(TAG)
def check_variables(**_kwargs: Any) -> list[CheckMessage]:
    """Check that no environment variable is a misspelt one of the project."""
    if not settings.ENVIRONMENT_VARIABLES:
        return []
    return [
        CheckWarning(
            f"The environment variable {name} is not used.",
            hint=f"Did you mean {likely}?",
            id="maintenance.W001",
        )
        for name, likely in misspelt(os.environ, settings.ENVIRONMENT_VARIABLES | set(registry.age_limits())).items()
    ]
