"""What a request may send, how long its statements may take, and how long a session of staff lasts."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.db import DataError, OperationalError, connection
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from bazaar import devices
from bazaar.error_pages import TOO_SLOW, UNAVAILABLE, error_page
from maintenance.core.database import is_postgresql, milliseconds
from maintenance.core.errors import record_of, summary_of
from maintenance.pages.guard import refuse_nul

logger = logging.getLogger(__name__)
CANCELLED = "57014"
"""SQLSTATE of a statement that exceeded its time."""


class RequestLimits:
    """Answers status 400 to what cannot be read, and 503 where a statement took too long (PostgreSQL)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refuse_nul(request)
        limit = _StatementLimit()
        with connection.execute_wrapper(limit):
            response = self._get_response(request)
        limit.end()
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        del request
        if isinstance(error, DataError | OverflowError):
            logger.warning("The request cannot be read: %s.", summary_of(error))
            return error_page(400)
        if isinstance(error, OperationalError) and record_of(error)["sqlstate"] == CANCELLED:
            logger.warning("A statement of a request took too long, and was ended.")
            return error_page(UNAVAILABLE, str(TOO_SLOW))
        return None


class _StatementLimit:
    """Sets the limit before the first statement of a request, on the connection that executes it."""

    def __init__(self) -> None:
        self._limited: Any = None

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if is_postgresql() and connection.connection is not self._limited:
            self._limited = connection.connection
            limit = milliseconds(timedelta(seconds=settings.REQUEST_STATEMENT_SECONDS))
            self._limited.execute("SELECT set_config('statement_timeout', %s, false)", [limit])
        return execute(sql, params, many, context)

    def end(self) -> None:
        if self._limited is not None and not self._limited.closed:
            with suppress(psycopg.Error):  # within a transaction that failed: it takes the limit with it
                self._limited.execute("RESET statement_timeout")


STARTED, SEEN = "staff_started", "staff_seen"
"""Entries of a session: when its user logged in, and was last active."""


@receiver(user_logged_in)
def begin_session(sender: Any, request: HttpRequest, **_kwargs: Any) -> None:
    del sender
    now = timezone.now().isoformat()
    request.session[STARTED], request.session[SEEN] = now, now


class StaffSessions:
    """Ends sessions of staff after an idle time, and after a whole time; remembers the device of a log-in."""

    SEEN_EVERY = timedelta(minutes=1)
    """A session is written at most so often."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.is_staff:
            self._check(request)
        response = self._get_response(request)
        devices.remember(request, response)
        return response

    def _check(self, request: HttpRequest) -> None:
        now = timezone.now()
        started, seen = (self._time(request, name, now) for name in (STARTED, SEEN))
        idle = timedelta(minutes=settings.STAFF_SESSION_IDLE_MINUTES)
        if now - started > timedelta(hours=settings.STAFF_SESSION_HOURS) or now - seen > idle:
            logout(request)
        elif now - seen >= self.SEEN_EVERY and not self._is_refresh(request):
            request.session[SEEN] = now.isoformat()

    @staticmethod
    def _time(request: HttpRequest, name: str, now: datetime) -> datetime:
        """Return a time of the session; one of an earlier version begins now."""
        return datetime.fromisoformat(request.session.setdefault(name, now.isoformat()))

    @staticmethod
    def _is_refresh(request: HttpRequest) -> bool:
        """Tell whether a page has refreshed itself: an open page is nobody's activity."""
        return request.headers.get("Sec-Fetch-Dest") == "empty"
