"""What the audit log tells of: each event is a function that makes one entry, with what its author thought useful.

Sites grow such metadata over years and by many hands: keys in three spellings, people in lists, addresses in texts,
values before and after. A cleaner has to find the person in all of it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bazaar.demo import sample_texts
from bazaar.demo.builder import Builder
from bazaar.models import AuditLog, User

Event = Callable[[Builder, datetime], AuditLog]


def _entry(builder: Builder, user: User | None, action: str, **fields: Any) -> AuditLog:
    """An entry of somebody who came through the site, and so has an address and a browser."""
    return AuditLog(user=user, action=action, ip_address=builder.ip(), user_agent=builder.user_agent(), **fields)


def _person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": user.name, "email": user.email}


def login(builder: Builder, when: datetime) -> AuditLog:
    user = builder.member(when)
    metadata: dict[str, Any] = {"method": "magic_link", "app_version": "3.4.1"}
    if builder.chance(0.5):
        metadata |= {"userEmail": user.email, "device": {"ipAddress": builder.ip(), "userAgent": builder.user_agent()}}
    return _entry(builder, user, "user.login", metadata=metadata)


def login_failed(builder: Builder, when: datetime) -> AuditLog:
    address = builder.member(when).email if builder.chance(0.6) else builder.stranger()
    return _entry(builder, None, "user.login_failed", metadata={"attempted": address, "reason": "link expired"})


def rate_limited(builder: Builder, _when: datetime) -> AuditLog:
    seen = [builder.ip(), builder.ip()]
    return _entry(builder, None, "auth.rate_limited", metadata={"client": {"forwarded_for": seen}, "requests": 120})


def profile_updated(builder: Builder, when: datetime) -> AuditLog:
    user = builder.member(when)
    married = f"{sample_texts.first_name(user.name)} {builder.faker.last_name()}"
    if builder.chance(0.5):
        metadata: dict[str, Any] = {
            "before": {"fullName": married, "bio": sample_texts.bio(builder)},
            "after": {"fullName": user.name, "bio": user.bio},
        }
    else:
        changes = [{"field": "name", "old": married, "new": user.name}, {"field": "include_in_search", "new": True}]
        metadata = {"changes": changes, "source": "settings page"}
    return _about(builder, user, user, "user.profile_updated", metadata)


def email_changed(builder: Builder, when: datetime) -> AuditLog:
    """Somebody who really has a former address gave it up; or their name, where nobody had been here yet."""
    if not (changed := [former for former in builder.former if former.user.created_at <= when]):
        return profile_updated(builder, when)
    former = builder.random.choice(changed)
    metadata = {"from": former.email, "to": former.user.email, "confirmed": True}
    return _about(builder, former.user, former.user, "user.email_changed", metadata)


def user_viewed(builder: Builder, when: datetime) -> AuditLog:
    """Staff looked somebody up."""
    subject = builder.member(when)
    metadata = {
        "query": sample_texts.first_name(subject.name).lower(),
        "results": [_person(subject), _person(builder.member(when))],
        "contact": {
            "phone_number": f"01632 960{builder.random.randrange(1000):03d}",
            "address": builder.faker.address(),
        },
    }
    return _about(builder, builder.users[0], subject, "admin.user_viewed", metadata)


def _about(builder: Builder, user: User, subject: User, action: str, metadata: dict[str, Any]) -> AuditLog:
    log = _entry(builder, user, action, subject=subject, resource_type="user", metadata=metadata)
    log.resource_id = str(subject.pk)
    return log


def project_created(builder: Builder, when: datetime) -> AuditLog:
    team = builder.team(when)
    metadata = {"title": team.project.title, "created_by": team.creator.name}
    return _on_project(builder, when, "project.created", metadata)


def project_updated(builder: Builder, when: datetime) -> AuditLog:
    changes = {"status": ["building", "launched"], "description": {"length": [80, builder.random.randrange(90, 400)]}}
    return _on_project(
        builder, when, "project.updated", {"changes": changes, "rename_count": builder.random.randrange(3)}
    )


def image_changed(builder: Builder, when: datetime) -> AuditLog:
    metadata = {"filename": "cover.png", "size": builder.random.randrange(900, 9000), "hostname": "web-2"}
    return _on_project(builder, when, "project.image_changed", metadata)


def collaborator_added(builder: Builder, when: datetime) -> AuditLog:
    newcomer = builder.member(when)
    metadata = {"role": "contributor", "collaborator": _person(newcomer), "notified": [newcomer.email]}
    log = _on_project(builder, when, "project.collaborator_added", metadata)
    log.subject = newcomer
    return log


def invitation_sent(builder: Builder, when: datetime) -> AuditLog:
    guests = [{"email": builder.stranger(), "role": "contributor"} for _ in range(builder.random.randrange(1, 4))]
    return _on_project(builder, when, "invitation.sent", {"invitations": guests, "total": len(guests)})


def _on_project(builder: Builder, when: datetime, action: str, metadata: dict[str, Any]) -> AuditLog:
    team = builder.team(when)
    log = _entry(builder, builder.random.choice(team.present(when)), action, resource_type="project", metadata=metadata)
    log.resource_id = str(team.project.pk)
    return log


def report_filed(builder: Builder, when: datetime) -> AuditLog:
    """A complaint about a text; the user is not linked, but the text names two."""
    reporter, author = builder.member(when), builder.member(when)
    text = f"{author.name} keeps writing to me at {reporter.email}."
    metadata = {"reports": [{"reporter": {"fullName": reporter.name, "user_id": reporter.pk}, "text": text}]}
    return AuditLog(action="moderation.report_filed", subject=author, metadata=metadata)


def newsletter_sent(builder: Builder, when: datetime) -> AuditLog:
    """A job of the site that nobody started, and that wrote down what bounced."""
    bounced = {user.email: "mailbox full" for user in (builder.member(when), builder.member(when))}
    return AuditLog(action="newsletter.sent", metadata={"recipients": len(builder.users), "bounced": bounced})


def search_rebuilt(builder: Builder, _when: datetime) -> AuditLog:
    """Nothing of a person in it: such an entry stays as it is."""
    metadata = {"documents": builder.random.randrange(90, 4000), "duration_ms": builder.random.randrange(80, 9000)}
    return AuditLog(action="search.rebuilt", resource_type="index", metadata=metadata | {"hostname": "worker-1"})


def backup_made(builder: Builder, _when: datetime) -> AuditLog:
    return AuditLog(action="backup.made", metadata={"filename": "bazaar.dump", "size": builder.random.randrange(10**6)})


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
