"""Invitations: how members came here, and who never answered."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bazaar.community.world import World
from bazaar.models import Invitation, Role, User

VALIDITY = timedelta(days=14)
LIMIT = timedelta(days=30)
"""Pending invitations older than this go."""


def send_invitations(world: World) -> None:
    """Accepted ones for all who were invited, declined ones, and pending ones on both sides of the limit."""
    world.add(Invitation, _accepted(world))
    world.add(Invitation, _declined(world))
    world.add(Invitation, _pending(world))


def _invite(world: World, address: str, when: datetime, sender: User | None = None) -> Invitation:
    return Invitation(
        email=address,
        invited_by=sender or world.member(when),
        project=world.team(when).project,
        role=Role.ADVISOR if world.chance(0.2) else Role.CONTRIBUTOR,
        expires_at=when + VALIDITY,
        created_at=when,
    )


def _accepted(world: World) -> Iterator[Invitation]:
    for user in world.users:
        if sender := user.invited_by:
            sent = world.between(max(sender.created_at, user.created_at - VALIDITY), user.created_at)
            invitation = _invite(world, user.email, sent, sender)
            invitation.accepted_at = user.created_at
            yield invitation


def _declined(world: World) -> Iterator[Invitation]:
    for _ in range(world.size(30)):
        invitation = _invite(world, world.stranger(), world.days_ago(2, 1400))
        invitation.declined_at = world.between(invitation.created_at, min(world.now, invitation.expires_at))
        yield invitation


def _pending(world: World) -> Iterator[Invitation]:
    for address in _addressees(world, world.size(45, least=4)):
        yield _invite(world, address, world.days_ago(31, 700))
    for address in _addressees(world, world.size(25, least=4)):
        yield _invite(world, address, world.days_ago(0, 29))
    yield _invite(world, world.stranger(), world.now - LIMIT - timedelta(hours=1))
    yield _invite(world, world.stranger(), world.now - LIMIT + timedelta(hours=1))


def _addressees(world: World, total: int) -> Iterator[str]:
    """Strangers, and every fourth time a member who is invited although they are here already."""
    for number in range(total):
        yield world.stranger() if number % 4 else world.random.choice(world.users).email
