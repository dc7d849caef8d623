"""All settings of this app, with their defaults: `INSTALLED_APPS += ["django_q", "maintenance"]` is enough.

A setting is read each time it is used, so that `override_settings` works. Durations are seconds. In addition, each
`Retention` reads the setting that it names.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.conf import settings as django_settings

T = TypeVar("T")


class Setting(Generic[T]):
    """A setting of the project with the name of the attribute; where the project has none, the default."""

    def __init__(self, default: T) -> None:
        self.default = default

    def __set_name__(self, _owner: type, name: str) -> None:
        self.name = name

    def __get__(self, _instance: object, _owner: type) -> T:
        value: T | None = getattr(django_settings, self.name, None)
        return self.default if value is None else value


class QueueSetting(Setting[Mapping[str, Any]]):
    """The project's `Q_CLUSTER`, with defaults for what it leaves out."""

    def __get__(self, _instance: object, _owner: type) -> Mapping[str, Any]:
        project: Mapping[str, Any] = getattr(django_settings, self.name, None) or {}
        complete = {**self.default, **{name: value for name, value in project.items() if value is not None}}
        if "timeout" not in complete:
            complete["timeout"] = int(settings.MAINTENANCE_TIME_BUDGET) + MARGIN
        return {"retry": complete["timeout"] + MARGIN, **complete}


MARGIN = 600
"""Seconds by which, as a default, the time-out of a task exceeds the time budget, and its retry the time-out."""
QUEUE: Mapping[str, Any] = {
    "orm": "default",
    "workers": 3,
    # Delivery at most once: a task leaves the queue before its job starts. `scheduling.recovery` replaces lost ones.
    "ack_failures": True,
    "max_attempts": 1,
    "queue_limit": 1,
    "bulk": 1,
    "catch_up": False,
    # The cluster command calls the scheduler itself, more often, and quarantines invalid rows before.
    "scheduler": False,
    # The cluster command sees a dead process itself, within half a second. This is the resolution of `timeout`.
    "guard_cycle": 2.0,
    # Workers are not replaced, so a missing worker has died.
    "recycle": 10**9,
    "save_limit": 250,
}


class Settings:
    """The settings. Those that Django itself defines are read from `django.conf`."""

    BASE_DIR = Setting[Path | str]("")
    """Folder of the project: paths in stack traces are relative to it."""
    MAINTENANCE_AUDIT_TRAIL = Setting("")
    """Dotted path of the function that records a run in the project's audit trail (see `core.registry.AuditTrail`)."""
    MAINTENANCE_HOLDS = Setting("")
    """Dotted path of the module that says which rows no job may touch for now (see `core.holds.Holds`)."""
    MAINTENANCE_REPORT = Setting("")
    """Dotted path of the function that adds the project's own part to a report (see `reporting.sections`)."""
    MAINTENANCE_SEARCH = Setting("")
    """Dotted path of the function that adds the project's own pages to a search (see `pages.search`)."""
    MAINTENANCE_REPLACES_QUEUE_ADMIN = Setting(False)
    """Whether read-only pages replace the queue's own admin pages, on which any function can be scheduled."""
    MAINTENANCE_BATCH_SECONDS = Setting(0.1)
    MAINTENANCE_BATCH_PAUSE = Setting(0.5)
    """The longest pause between two batches."""
    MAINTENANCE_DUTY_CYCLE = Setting(0.5)
    """The share of its time that a run works (see `engine.pacing`)."""
    MAINTENANCE_TIME_BUDGET = Setting(3_600.0)
    MAINTENANCE_LEASE_SECONDS = Setting(60.0)
    MAINTENANCE_STALL_SECONDS = Setting(300.0)
    ENVIRONMENT_VARIABLES = Setting[frozenset[str]](frozenset())
    """The environment variables that the project reads; where given, a check reports misspelt ones."""
    METRICS_TOKEN = Setting("")
    """The token that gives access to the metrics; without it there are none."""
    MAINTENANCE_QUEUE_FUNCTIONS = Setting[Collection[str]](())
    """Dotted paths of the project's own functions that the queue may call, and of hooks."""
    SITE_URL = Setting("")
    """The address of the site, for links in messages; without it they have none."""
    ALERT_URLS = Setting[Collection[str] | str](())
    """The addresses of the channels of alerts, in the notation of `apprise`; without one there are no alerts."""
    ALERT_AFTER = Setting(300.0)
    """For how long an error has to last before it is told."""
    CHECKIN_URL = Setting("")
    """The address that is called when a run starts and ends, with `{job}` and `{event}` (see `core.checkin_urls`)."""
    CHECKIN_HEARTBEAT_URL = Setting("")
    """The address that a cluster calls once a minute."""
    Q_CLUSTER = QueueSetting(QUEUE)


settings = Settings()


_assumed: ContextVar[Mapping[str, Any] | None] = ContextVar("assumed", default=None)
_read: ContextVar[set[str] | None] = ContextVar("read", default=None)


def limit_of(name: str) -> Any:
    """Return the project's setting for an age limit, or its assumed value; `None` where it is missing or blank."""
    assumed, read = _assumed.get() or {}, _read.get()
    if read is not None:
        read.add(name)
    value = assumed[name] if name in assumed else getattr(django_settings, name, None)
    return None if isinstance(value, str) and not value.strip() else value


@contextmanager
def assuming(values: Mapping[str, Any]) -> Iterator[set[str]]:
    """Let age limits have other values while the context lasts; gives the names of the limits that are read in it."""
    read: set[str] = set()
    tokens = _assumed.set(values), _read.set(read)
    try:
        yield read
    finally:
        _assumed.reset(tokens[0])
        _read.reset(tokens[1])


def complete_queue() -> None:
    """Set the defaults in django-q2, which has read the project's `Q_CLUSTER` when it was imported."""
    from django_q.conf import Conf

    for name, value in settings.Q_CLUSTER.items():
        if name in {*QUEUE, "timeout", "retry"}:
            setattr(Conf, name.upper(), value)
