"""Four years of audit log, and what staff did in the admin."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from bazaar.demo.builder import Builder
from bazaar.demo.events import EVENTS
from bazaar.models import AuditLog, User

HOUR = timedelta(hours=1)


def write_history(builder: Builder) -> None:
    """Audit logs in the order in which things happened, a fifth of them older than three years."""
    builder.add(AuditLog, _happenings(builder))
    builder.add(LogEntry, _admin_log(builder))


def _happenings(builder: Builder) -> Iterator[AuditLog]:
    weights = [weight for weight, _event in EVENTS]
    events = [event for _weight, event in EVENTS]
    for when in _moments(builder):
        (event,) = builder.random.choices(events, weights)
        log = event(builder, when)
        log.created_at = when
        yield log


def _moments(builder: Builder) -> list[datetime]:
    """When something happened: one time in five in the first year, and always just before and after each limit."""
    total = builder.size(4500, least=300)
    begin, expiry = builder.years_ago(4), builder.years_ago(3)
    old = (builder.between(begin, expiry) for _ in range(total // 5))
    new = (builder.between(expiry, builder.now) for _ in range(total - total // 5))
    edges = (limit + offset for limit in map(builder.years_ago, (1, 3)) for offset in (-HOUR, HOUR))
    return sorted(chain(old, new, edges))


def _admin_log(builder: Builder) -> Iterator[LogEntry]:
    """Changes that staff made in the admin, from a time when it still called users by their names and addresses."""
    users = ContentType.objects.get_for_model(User)
    for _ in range(builder.size(24, least=4)):
        when = builder.days_ago(20, 900)
        subject = builder.member(when)
        yield LogEntry(
            action_time=when,
            user=builder.users[0],
            content_type=users,
            object_id=str(subject.pk),
            object_repr=f"{subject.name} <{subject.email}>",
            action_flag=CHANGE,
            change_message='[{"changed": {"fields": ["Bio"]}}]',
        )
