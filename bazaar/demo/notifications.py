"""Notifications, with more about the people in them than there should be."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from bazaar.demo.builder import Builder
from bazaar.models import Notification, User


def notify(builder: Builder) -> None:
    """Messages to members, most of them about somebody else."""
    builder.add(Notification, _notifications(builder))


def _notifications(builder: Builder) -> Iterator[Notification]:
    for _ in range(builder.size(1500, least=60)):
        when = builder.days_ago(0, 900) if builder.chance(0.6) else builder.days_ago(0, 60)
        kind, write = builder.random.choice(KINDS)
        receiver, actor = builder.member(when), builder.member(when)
        notification = write(builder, receiver, actor, when)
        notification.type = kind
        notification.read = builder.chance(0.7)
        yield notification


def _about(actor: User) -> dict[str, Any]:
    return {"id": actor.pk, "name": actor.name, "email": actor.email, "avatar_id": actor.avatar_id}


def _upvoted(builder: Builder, _receiver: User, actor: User, when: datetime) -> Notification:
    team = builder.team(when)
    return Notification(
        user=team.creator,
        actor=actor,
        title=f"{actor.name} upvoted {team.project.title}",
        data={"actor": _about(actor), "project": {"id": team.project.pk, "title": team.project.title}},
        created_at=when,
    )


def _joined(builder: Builder, _receiver: User, _actor: User, when: datetime) -> Notification:
    team = builder.team(when)
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


def _interested(_world: Builder, receiver: User, actor: User, when: datetime) -> Notification:
    return Notification(
        user=receiver,
        actor=actor,
        title="Somebody is interested in your idea",
        body=f"{actor.name} would like to take part. Reply to {actor.email}.",
        data={"fullName": actor.name, "replyTo": actor.email},
        created_at=when,
    )


def _new_device(builder: Builder, receiver: User, _actor: User, when: datetime) -> Notification:
    return Notification(
        user=receiver,
        title="New sign-in",
        body="If this was not you, sign out everywhere.",
        data={"ipAddress": builder.ip(), "userAgent": builder.user_agent()},
        created_at=when,
    )


def _digest(builder: Builder, receiver: User, _actor: User, when: datetime) -> Notification:
    newcomers = [builder.member(when) for _ in range(3)]
    return Notification(
        user=receiver,
        title="Your week at the bazaar",
        data={"projects": builder.random.randrange(9), "new_members": [user.name for user in newcomers]},
        created_at=when,
    )


def _featured(builder: Builder, _receiver: User, _actor: User, when: datetime) -> Notification:
    team = builder.team(when)
    return Notification(
        user=team.creator,
        title=f"{team.project.title} is featured",
        data={"project_id": team.project.pk},
        created_at=when,
    )


KINDS: tuple[tuple[str, Callable[[Builder, User, User, datetime], Notification]], ...] = (
    ("project.upvoted", _upvoted),
    ("project.joined", _joined),
    ("idea.interest", _interested),
    ("account.new_device", _new_device),
    ("digest.weekly", _digest),
    ("project.featured", _featured),
)
