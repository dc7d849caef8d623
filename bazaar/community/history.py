"""Four years of audit log, and what staff did in the admin."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from bazaar.community.events import EVENTS
from bazaar.community.world import World
from bazaar.models import AuditLog, User

HOUR = timedelta(hours=1)


def write_history(world: World) -> None:
    """Audit logs in the order in which things happened, a fifth of them older than three years."""
    world.add(AuditLog, _happenings(world))
    world.add(LogEntry, _admin_log(world))


def _happenings(world: World) -> Iterator[AuditLog]:
    weights = [weight for weight, _event in EVENTS]
    events = [event for _weight, event in EVENTS]
    for when in _moments(world):
        (event,) = world.random.choices(events, weights)
        log = event(world, when)
        log.created_at = when
        yield log


def _moments(world: World) -> list[datetime]:
    """When something happened: one time in five in the first year, and always just before and after each limit."""
    total = world.size(4500, least=300)
    begin, expiry = world.years_ago(4), world.years_ago(3)
    old = (world.between(begin, expiry) for _ in range(total // 5))
    new = (world.between(expiry, world.now) for _ in range(total - total // 5))
    edges = (limit + offset for limit in map(world.years_ago, (1, 3)) for offset in (-HOUR, HOUR))
    return sorted(chain(old, new, edges))


def _admin_log(world: World) -> Iterator[LogEntry]:
    """Changes that staff made in the admin, from a time when it still called users by their names and addresses."""
    users = ContentType.objects.get_for_model(User)
    for _ in range(world.size(24, least=4)):
        when = world.days_ago(20, 900)
        subject = world.member(when)
        yield LogEntry(
            action_time=when,
            user=world.users[0],
            content_type=users,
            object_id=str(subject.pk),
            object_repr=f"{subject.name} <{subject.email}>",
            action_flag=CHANGE,
            change_message='[{"changed": {"fields": ["Bio"]}}]',
        )
