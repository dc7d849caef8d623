"""What log-in attempts are refused at the moment, and how an operator lifts it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from bazaar.models import AuditLog, LoginAttempt
from bazaar.throttle import FROM_ONE_PLACE, OF_ONE_ADDRESS, OF_ONE_PLACE, WINDOW, failures

ACCOUNT, PLACE, BOTH = "account", "place", "account from a place"
LIMITS = {BOTH: FROM_ONE_PLACE, PLACE: OF_ONE_PLACE, ACCOUNT: OF_ONE_ADDRESS}


@dataclass(frozen=True)
class Lock:
    """Attempts that are refused until a time: of an account, from a place, or of an account from a place.

    The user is `None` for an address that is nobody's. The address itself is not shown.
    """

    kind: str
    user: int | None
    place: str
    failures: int
    until: datetime


def locks() -> list[Lock]:
    """Return all locks, the one that lasts longest first."""
    times: dict[tuple[str, str, str], list[datetime]] = defaultdict(list)
    users: dict[str, int | None] = {}
    for email, user, place, moment in failures().values_list("email", "user", "network", "created_at"):
        users[email] = user
        for key in _keys(email, place):
            times[key].append(moment)
    found = [
        Lock(kind, users.get(email), place, len(moments), sorted(moments)[-LIMITS[kind]] + WINDOW)
        for (kind, email, place), moments in times.items()
        if len(moments) >= LIMITS[kind]
    ]
    return sorted(found, key=lambda lock: lock.until, reverse=True)


def _keys(email: str, place: str) -> Iterable[tuple[str, str, str]]:
    if email:
        yield ACCOUNT, email, ""
    if place:
        yield PLACE, "", place
    if email and place:
        yield BOTH, email, place


def lift(attempts: QuerySet[LoginAttempt]) -> int:
    """Let failures count no more; return their number. The rows stay, and the audit log has an entry."""
    with transaction.atomic():
        number = attempts.update(lifted_at=timezone.now())
        if number:
            AuditLog.objects.create(action="logins.unlocked", metadata={"failures": number})
    return number
