"""The health checks, for `manage.py doctor`, `GET /health/jobs` and the metrics alike.

They only read, and start no run. They never raise: a check that fails has a result too. A slow statement is cancelled,
so that every caller gets an answer.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from maintenance.core.database import statement_limit
from maintenance.core.errors import NotReady, summary_of
from maintenance.core.states import Level
from maintenance.engine import preflight
from maintenance.health import ping, probes
from maintenance.health.check_result import CheckResult, HealthReport
from maintenance.health.context import HealthContext

logger = logging.getLogger(__name__)

STATEMENT_LIMIT = timedelta(seconds=3)
CACHED_FOR = timedelta(seconds=5)


@dataclass
class _Cache:
    """The last report that this process served over HTTP."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    report: HealthReport | None = None
    until: float = 0.0


_cache = _Cache()


def check() -> HealthReport:
    """Run all health checks."""
    start = time.monotonic()
    results = list(probe_database())
    if results[0].level is Level.WELL:
        results += run_probes(probes.ALL, HealthContext())
    return HealthReport(results, timezone.now(), time.monotonic() - start)


def check_cached() -> HealthReport:
    """Return the report of the last `CACHED_FOR`, or a new one.

    Anybody may ask for it over HTTP, and must not be able to keep the database busy. The report is kept in the process,
    because the cache itself may be broken. Concurrent callers wait for the same report.
    """
    with _cache.lock:
        if _cache.report is None or time.monotonic() >= _cache.until:
            _cache.report = check()
            _cache.until = time.monotonic() + CACHED_FOR.total_seconds()
        return _cache.report


def check_database() -> HealthReport:
    """Check the database alone: a web process needs nothing else to serve."""
    start = time.monotonic()
    return HealthReport(list(probe_database()), timezone.now(), time.monotonic() - start)


def probe_database() -> Iterator[CheckResult]:
    """Check that the database answers and is migrated."""
    try:
        ping.ping()
        preflight.verify_database()
    except NotReady as error:
        code = "not-migrated" if "not migrated" in str(error) else "database-down"
        yield probes.result_of(error, code)
    except Exception as error:
        # Django keeps a connection that broke; the next check needs another one.
        with suppress(Exception):
            connection.close()
        sentence = f"The database cannot be reached ({summary_of(error)})."
        yield CheckResult.error("database-down", sentence, "Start it, or correct DATABASE_URL.")
    else:
        yield CheckResult.ok("database", "The database answers, and is migrated.")


def run_probes(names: Iterable[str], context: HealthContext, *, with_limit: bool = True) -> list[CheckResult]:
    """Run some of `probes.ALL`. A statement limit costs two more statements for each probe."""
    return [result for name in names for result in _run_probe(name, context, with_limit=with_limit)]


def _run_probe(name: str, context: HealthContext, *, with_limit: bool) -> list[CheckResult]:
    try:
        with statement_limit(STATEMENT_LIMIT) if with_limit else nullcontext():
            return list(probes.ALL[name](context))
    except Exception as error:
        logger.warning("The health check of %s failed.", name, exc_info=error)
        sentence = f"The health check of {name} failed ({summary_of(error)})."
        remedy = f"See the log. A statement that takes over {STATEMENT_LIMIT.seconds} s is cancelled."
        return [CheckResult.error("not-examined", sentence, remedy, subject=name)]
