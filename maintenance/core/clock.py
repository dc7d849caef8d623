"""The database's clock, which leases and cutoffs use, and its difference from the host's clock."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from maintenance.core.errors import NotReady

TOLERANCE = timedelta(minutes=5)


def database_now() -> datetime:
    """Return the time of the database's clock, aware, in UTC."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0].astimezone(UTC)  # type: ignore[no-any-return]
        cursor.execute("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
        return moment_of(cursor.fetchone()[0])


def moment_of(value: datetime | str) -> datetime:
    """Return a time of the database as Django does; SQLite has no type for times and returns text."""
    moment = parse_datetime(value) if isinstance(value, str) else value
    assert moment is not None  # noqa: S101 - the database wrote it # nosec B101
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def refuse_skew() -> None:
    """Raise `NotReady` when the clocks of host and database differ by more than five minutes."""
    skew = timezone.now() - database_now()
    if abs(skew) > TOLERANCE:
        minutes = round(abs(skew).total_seconds() / 60)
        direction = "ahead of" if skew > timedelta(0) else "behind"
        raise NotReady(
            f"This machine's clock is {minutes} minutes {direction} the database's, and cutoffs would be wrong: "
            "correct the clocks (NTP), then run the job again."
        )
