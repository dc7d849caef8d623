"""Is the department well? One examination, for `manage.py doctor`, `GET /health/jobs` and the metrics alike.

It reads, never starts a run, and never raises: what cannot be looked at is a verdict too. A statement that takes long
is cut off, so that whoever asks gets an answer.
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
from maintenance.health.check_result import Report, Verdict, well, wrong
from maintenance.health.context import Facts

logger = logging.getLogger(__name__)

STATEMENT_LIMIT = timedelta(seconds=3)
KEEP_FOR = timedelta(seconds=5)


@dataclass
class _Kept:
    """The last report that this process gave over HTTP."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    report: Report | None = None
    until: float = 0.0


_kept = _Kept()


def examine() -> Report:
    """Look at everything, and say how it is."""
    began = time.monotonic()
    verdicts = list(look_at_database())
    if verdicts[0].level is Level.WELL:
        verdicts += look_at(probes.ALL, Facts())
    return Report(verdicts, timezone.now(), time.monotonic() - began)


def examine_at_intervals() -> Report:
    """Return what was found within the last `KEEP_FOR`, or examine.

    Anybody may ask for it over HTTP, and must not be able to keep the database busy. The process keeps it, and not the
    cache, which may be what is broken; who asks meanwhile waits for the same answer.
    """
    with _kept.lock:
        if _kept.report is None or time.monotonic() >= _kept.until:
            _kept.report = examine()
            _kept.until = time.monotonic() + KEEP_FOR.total_seconds()
        return _kept.report


def look_at(names: Iterable[str], facts: Facts, *, with_limit: bool = True) -> list[Verdict]:
    """Look at some of `looks.ALL`; a limit for each statement costs two more of them."""
    return [verdict for name in names for verdict in _look(name, facts, with_limit=with_limit)]


def examine_database() -> Report:
    """Look at the database alone: what a web process needs to serve."""
    began = time.monotonic()
    return Report(list(look_at_database()), timezone.now(), time.monotonic() - began)


def look_at_database() -> Iterator[Verdict]:
    """Yield whether it answers, and is migrated."""
    try:
        ping.ping()
        preflight.verify_database()
    except NotReady as error:
        code = "not-migrated" if "not migrated" in str(error) else "database-down"
        yield probes.of(error, code)
    except Exception as error:
        # Django keeps a connection that broke; the next examination needs another one.
        with suppress(Exception):
            connection.close()
        sentence = f"The database cannot be reached ({summary_of(error)})."
        yield wrong("database-down", sentence, "Start it, or correct DATABASE_URL.")
    else:
        yield well("database", "The database answers, and is migrated.")


def _look(what: str, facts: Facts, *, with_limit: bool) -> list[Verdict]:
    try:
        with statement_limit(STATEMENT_LIMIT) if with_limit else nullcontext():
            return list(probes.ALL[what](facts))
    except Exception as error:
        logger.warning("The doctor could not look at %s.", what, exc_info=error)
        sentence = f"The doctor could not look at {what} ({summary_of(error)})."
        limit = f"{STATEMENT_LIMIT.seconds} s"
        return [wrong("not-examined", sentence, f"The log says where; a statement that takes over {limit} is cut off.")]
