"""Invitations: how members came here, and who never answered."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bazaar.demo.builder import Builder
from bazaar.models import Invitation, Role, User

VALIDITY = timedelta(days=14)
LIMIT = timedelta(days=30)
"""Pending invitations older than this go."""


def send_invitations(builder: Builder) -> None:
    """Accepted ones for all who were invited, declined ones, and pending ones on both sides of the limit."""
    builder.add(Invitation, _accepted(builder))
    builder.add(Invitation, _declined(builder))
    builder.add(Invitation, _pending(builder))


def _invite(builder: Builder, address: str, when: datetime, sender: User | None = None) -> Invitation:
    return Invitation(
        email=address,
        invited_by=sender or builder.member(when),
        project=builder.team(when).project,
        role=Role.ADVISOR if builder.chance(0.2) else Role.CONTRIBUTOR,
        expires_at=when + VALIDITY,
        created_at=when,
    )


def _accepted(builder: Builder) -> Iterator[Invitation]:
    for user in builder.users:
        if sender := user.invited_by:
            sent = builder.between(max(sender.created_at, user.created_at - VALIDITY), user.created_at)
            invitation = _invite(builder, user.email, sent, sender)
            invitation.accepted_at = user.created_at
            yield invitation


def _declined(builder: Builder) -> Iterator[Invitation]:
    for _ in range(builder.size(30)):
        invitation = _invite(builder, builder.stranger(), builder.days_ago(2, 1400))
        invitation.declined_at = builder.between(invitation.created_at, min(builder.now, invitation.expires_at))
        yield invitation


def _pending(builder: Builder) -> Iterator[Invitation]:
    for address in _addressees(builder, builder.size(45, least=4)):
        yield _invite(builder, address, builder.days_ago(31, 700))
    for address in _addressees(builder, builder.size(25, least=4)):
        yield _invite(builder, address, builder.days_ago(0, 29))
    yield _invite(builder, builder.stranger(), builder.now - LIMIT - timedelta(hours=1))
    yield _invite(builder, builder.stranger(), builder.now - LIMIT + timedelta(hours=1))


def _addressees(builder: Builder, total: int) -> Iterator[str]:
    """Strangers, and every fourth time a member who is invited although they are here already."""
    for number in range(total):
        yield builder.stranger() if number % 4 else builder.random.choice(builder.users).email
