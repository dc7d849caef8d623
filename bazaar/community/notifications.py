"""Notifications, with more about the people in them than there should be."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from bazaar.community.world import World
from bazaar.models import Notification, User


def notify(world: World) -> None:
    """Messages to members, most of them about somebody else."""
    world.add(Notification, _notifications(world))


def _notifications(world: World) -> Iterator[Notification]:
    for _ in range(world.size(1500, least=60)):
        when = world.days_ago(0, 900) if world.chance(0.6) else world.days_ago(0, 60)
        kind, write = world.random.choice(KINDS)
        receiver, actor = world.member(when), world.member(when)
        notification = write(world, receiver, actor, when)
        notification.type = kind
        notification.read = world.chance(0.7)
        yield notification


def _about(actor: User) -> dict[str, Any]:
    return {"id": actor.pk, "name": actor.name, "email": actor.email, "avatar_id": actor.avatar_id}


def _upvoted(world: World, _receiver: User, actor: User, when: datetime) -> Notification:
    team = world.team(when)
    return Notification(
        user=team.creator,
        actor=actor,
        title=f"{actor.name} upvoted {team.project.title}",
        data={"actor": _about(actor), "project": {"id": team.project.pk, "title": team.project.title}},
        created_at=when,
    )


def _joined(world: World, _receiver: User, _actor: User, when: datetime) -> Notification:
    team = world.team(when)
    present = team.present(when)
    newest = present[-1]
    return Notification(
        user=team.creator,
        actor=newest,
        title=f"{newest.name} joined {team.project.title}",
        body=f"Say hello: {newest.email}",
        data={"project_id": team.project.pk, "team": [_about(user) for user in present]},
        created_at=when,
    )


def _interested(_world: World, receiver: User, actor: User, when: datetime) -> Notification:
    return Notification(
        user=receiver,
        actor=actor,
        title="Somebody is interested in your idea",
        body=f"{actor.name} would like to take part. Reply to {actor.email}.",
        data={"fullName": actor.name, "replyTo": actor.email},
        created_at=when,
    )


def _new_device(world: World, receiver: User, _actor: User, when: datetime) -> Notification:
    return Notification(
        user=receiver,
        title="New sign-in",
        body="If this was not you, sign out everywhere.",
        data={"ipAddress": world.ip(), "userAgent": world.user_agent()},
        created_at=when,
    )


def _digest(world: World, receiver: User, _actor: User, when: datetime) -> Notification:
    newcomers = [world.member(when) for _ in range(3)]
    return Notification(
        user=receiver,
        title="Your week at the bazaar",
        data={"projects": world.random.randrange(9), "new_members": [user.name for user in newcomers]},
        created_at=when,
    )


def _featured(world: World, _receiver: User, _actor: User, when: datetime) -> Notification:
    team = world.team(when)
    return Notification(
        user=team.creator,
        title=f"{team.project.title} is featured",
        data={"project_id": team.project.pk},
        created_at=when,
    )


KINDS: tuple[tuple[str, Callable[[World, User, User, datetime], Notification]], ...] = (
    ("project.upvoted", _upvoted),
    ("project.joined", _joined),
    ("idea.interest", _interested),
    ("account.new_device", _new_device),
    ("digest.weekly", _digest),
    ("project.featured", _featured),
)
