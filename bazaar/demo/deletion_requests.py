"""Requests to delete an account: due, not due yet, and taken back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle

from django.conf import settings

from bazaar.demo.builder import Builder
from bazaar.models import DeletionRequest, User

SHORT_PROMISE = timedelta(days=14)
"""What people were promised before the grace period was made longer; a promise is kept as it was given."""


STAYS = 42
"""docs/erasure.md asks for the deletion of this member, so nobody has asked before."""


def request_deletions(builder: Builder) -> None:
    """Ask for deletions on behalf of members, none of them staff, and note it at the members who still want to go."""
    candidates = _candidates(builder)
    overdue = [candidates.pop(0) for _ in range(builder.size(8, least=4))]
    waiting = [candidates.pop(0) for _ in range(builder.size(6, least=2))]
    cancelled = [candidates.pop(0) for _ in range(builder.size(5, least=2))]
    requests = [*_overdue(builder, overdue), *_waiting(builder, waiting)]
    for request, user in zip(requests, [*overdue, *waiting], strict=True):
        user.deletion_requested_at = request.requested_at
    builder.add(DeletionRequest, requests)
    builder.add(DeletionRequest, _cancelled(builder, cancelled))
    User.objects.bulk_update([*overdue, *waiting], ["deletion_requested_at"], batch_size=500)


def _candidates(builder: Builder) -> list[User]:
    """Members of at least half a year; the first two are each the only creator of a project that others work on."""
    limit = builder.now - timedelta(days=180)
    members = (user for user in builder.users if user.is_active and not user.is_staff and user.pk != STAYS)
    settled = [user for user in members if user.created_at < limit]
    builder.random.shuffle(settled)
    owners = {team.creator.pk for team in builder.teams if team.has_one_creator and len(team.members) > 1}
    first = [user for user in settled if user.pk in owners][:2]
    return first + [user for user in settled if user not in first]


def _grace(builder: Builder) -> timedelta:
    return SHORT_PROMISE if builder.chance(0.2) else timedelta(days=settings.DELETION_GRACE_DAYS)


def _overdue(builder: Builder, users: list[User]) -> Iterator[DeletionRequest]:
    """Every second one wants everything to go, the very first among them."""
    for user, anonymize in zip(users, cycle((False, True))):
        due = builder.days_ago(0.05, 20)
        yield _request(user, due - _grace(builder), due, anonymize=anonymize)


def _waiting(builder: Builder, users: list[User]) -> Iterator[DeletionRequest]:
    for user, anonymize in zip(users, cycle((True, True, False))):
        grace = _grace(builder)
        asked = builder.now - grace * builder.random.uniform(0.02, 0.95)
        yield _request(user, asked, asked + grace, anonymize=anonymize)


def _cancelled(builder: Builder, users: list[User]) -> Iterator[DeletionRequest]:
    """Taken back by the person, or by staff on their behalf."""
    for user, reason in zip(users, cycle(DeletionRequest.CancelReason.values)):
        grace = _grace(builder)
        asked = builder.days_ago(10, 150)
        is_own_wish = reason == DeletionRequest.CancelReason.CHANGED_MIND
        request = _request(user, asked, asked + grace, anonymize=builder.chance(0.7))
        request.status = DeletionRequest.Status.CANCELLED
        request.cancelled_at = builder.between(asked, min(builder.now, asked + grace))
        request.cancelled_by = user if is_own_wish else builder.users[0]
        request.cancel_reason = reason
        yield request


def _request(user: User, asked: datetime, scheduled: datetime, *, anonymize: bool) -> DeletionRequest:
    return DeletionRequest(
        user=user,
        user_pk=user.pk,
        anonymize_contributions=anonymize,
        channel=DeletionRequest.Channel.SITE,
        requested_at=asked,
        scheduled_for=scheduled,
    )
