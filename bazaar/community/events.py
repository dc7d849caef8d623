"""What the audit log tells of: each event is a function that makes one entry, with what its author thought useful.

Sites grow such metadata over years and by many hands: keys in three spellings, people in lists, addresses in texts,
values before and after. A cleaner has to find the person in all of it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bazaar.community import words
from bazaar.community.world import World
from bazaar.models import AuditLog, User

Event = Callable[[World, datetime], AuditLog]


def _entry(world: World, user: User | None, action: str, **fields: Any) -> AuditLog:
    """An entry of somebody who came through the site, and so has an address and a browser."""
    return AuditLog(user=user, action=action, ip_address=world.ip(), user_agent=world.user_agent(), **fields)


def _person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": user.name, "email": user.email}


def login(world: World, when: datetime) -> AuditLog:
    user = world.member(when)
    metadata: dict[str, Any] = {"method": "magic_link", "app_version": "3.4.1"}
    if world.chance(0.5):
        metadata |= {"userEmail": user.email, "device": {"ipAddress": world.ip(), "userAgent": world.user_agent()}}
    return _entry(world, user, "user.login", metadata=metadata)


def login_failed(world: World, when: datetime) -> AuditLog:
    address = world.member(when).email if world.chance(0.6) else world.stranger()
    return _entry(world, None, "user.login_failed", metadata={"attempted": address, "reason": "link expired"})


def rate_limited(world: World, _when: datetime) -> AuditLog:
    seen = [world.ip(), world.ip()]
    return _entry(world, None, "auth.rate_limited", metadata={"client": {"forwarded_for": seen}, "requests": 120})


def profile_updated(world: World, when: datetime) -> AuditLog:
    user = world.member(when)
    married = f"{words.first_name(user.name)} {world.faker.last_name()}"
    if world.chance(0.5):
        metadata: dict[str, Any] = {
            "before": {"fullName": married, "bio": words.bio(world)},
            "after": {"fullName": user.name, "bio": user.bio},
        }
    else:
        changes = [{"field": "name", "old": married, "new": user.name}, {"field": "include_in_search", "new": True}]
        metadata = {"changes": changes, "source": "settings page"}
    return _about(world, user, user, "user.profile_updated", metadata)


def email_changed(world: World, when: datetime) -> AuditLog:
    """Somebody who really has a former address gave it up; or their name, where nobody had been here yet."""
    if not (changed := [former for former in world.former if former.user.created_at <= when]):
        return profile_updated(world, when)
    former = world.random.choice(changed)
    metadata = {"from": former.email, "to": former.user.email, "confirmed": True}
    return _about(world, former.user, former.user, "user.email_changed", metadata)


def user_viewed(world: World, when: datetime) -> AuditLog:
    """Staff looked somebody up."""
    subject = world.member(when)
    metadata = {
        "query": words.first_name(subject.name).lower(),
        "results": [_person(subject), _person(world.member(when))],
        "contact": {"phone_number": f"01632 960{world.random.randrange(1000):03d}", "address": world.faker.address()},
    }
    return _about(world, world.users[0], subject, "admin.user_viewed", metadata)


def _about(world: World, user: User, subject: User, action: str, metadata: dict[str, Any]) -> AuditLog:
    log = _entry(world, user, action, subject=subject, resource_type="user", metadata=metadata)
    log.resource_id = str(subject.pk)
    return log


def project_created(world: World, when: datetime) -> AuditLog:
    team = world.team(when)
    metadata = {"title": team.project.title, "created_by": team.creator.name}
    return _on_project(world, when, "project.created", metadata)


def project_updated(world: World, when: datetime) -> AuditLog:
    changes = {"status": ["building", "launched"], "description": {"length": [80, world.random.randrange(90, 400)]}}
    return _on_project(world, when, "project.updated", {"changes": changes, "rename_count": world.random.randrange(3)})


def image_changed(world: World, when: datetime) -> AuditLog:
    metadata = {"filename": "cover.png", "size": world.random.randrange(900, 9000), "hostname": "web-2"}
    return _on_project(world, when, "project.image_changed", metadata)


def collaborator_added(world: World, when: datetime) -> AuditLog:
    newcomer = world.member(when)
    metadata = {"role": "contributor", "collaborator": _person(newcomer), "notified": [newcomer.email]}
    log = _on_project(world, when, "project.collaborator_added", metadata)
    log.subject = newcomer
    return log


def invitation_sent(world: World, when: datetime) -> AuditLog:
    guests = [{"email": world.stranger(), "role": "contributor"} for _ in range(world.random.randrange(1, 4))]
    return _on_project(world, when, "invitation.sent", {"invitations": guests, "total": len(guests)})


def _on_project(world: World, when: datetime, action: str, metadata: dict[str, Any]) -> AuditLog:
    team = world.team(when)
    log = _entry(world, world.random.choice(team.present(when)), action, resource_type="project", metadata=metadata)
    log.resource_id = str(team.project.pk)
    return log


def report_filed(world: World, when: datetime) -> AuditLog:
    """A complaint about a text; the user is not linked, but the text names two."""
    reporter, author = world.member(when), world.member(when)
    text = f"{author.name} keeps writing to me at {reporter.email}."
    metadata = {"reports": [{"reporter": {"fullName": reporter.name, "user_id": reporter.pk}, "text": text}]}
    return AuditLog(action="moderation.report_filed", subject=author, metadata=metadata)


def newsletter_sent(world: World, when: datetime) -> AuditLog:
    """A job of the site that nobody started, and that wrote down what bounced."""
    bounced = {user.email: "mailbox full" for user in (world.member(when), world.member(when))}
    return AuditLog(action="newsletter.sent", metadata={"recipients": len(world.users), "bounced": bounced})


def search_rebuilt(world: World, _when: datetime) -> AuditLog:
    """Nothing of a person in it: such an entry stays as it is."""
    metadata = {"documents": world.random.randrange(90, 4000), "duration_ms": world.random.randrange(80, 9000)}
    return AuditLog(action="search.rebuilt", resource_type="index", metadata=metadata | {"hostname": "worker-1"})


def backup_made(world: World, _when: datetime) -> AuditLog:
    return AuditLog(action="backup.made", metadata={"filename": "bazaar.dump", "size": world.random.randrange(10**6)})


EVENTS: tuple[tuple[int, Event], ...] = (
    (30, login),
    (6, login_failed),
    (3, rate_limited),
    (9, profile_updated),
    (2, email_changed),
    (4, user_viewed),
    (5, project_created),
    (12, project_updated),
    (4, image_changed),
    (6, collaborator_added),
    (4, invitation_sent),
    (2, report_filed),
    (2, newsletter_sent),
    (7, search_rebuilt),
    (4, backup_made),
)
