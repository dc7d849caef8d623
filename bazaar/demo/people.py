"""Members with their invitations, consents and former addresses."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bazaar.demo import sample_texts
from bazaar.demo.builder import Builder
from bazaar.demo.pictures import new_upload
from bazaar.models import ConsentRecord, Upload, User, UserFormerEmail

FOUNDERS = 0.1
"""Share of the members who were there before the audit log begins, four years ago."""


def make_members(builder: Builder) -> None:
    """Users in the order in which they joined, with inviters, avatars and former addresses."""
    total = builder.size(300, least=40)
    founded = builder.years_ago(4)
    joined = sorted(
        builder.between(founded - timedelta(days=60), founded)
        if number < total * FOUNDERS
        else builder.between(founded, builder.now - timedelta(days=2))
        for number in range(total)
    )
    builder.users = [_member(builder, when) for when in joined]
    for user in builder.users[: builder.size(4, least=2)]:
        user.is_staff, user.is_external = True, False
    _go_quiet(builder)
    builder.add(User, builder.users)
    _introduce(builder)
    builder.former = list(_former_addresses(builder))
    builder.add(UserFormerEmail, builder.former)
    builder.add(ConsentRecord, _consents(builder))


def _member(builder: Builder, joined: datetime) -> User:
    first, last = builder.faker.first_name(), builder.faker.last_name()
    is_external = builder.chance(0.15)
    domain = "partners.example.org" if is_external else "example.org"
    user = User(
        public_id=builder.uuid(),
        email=builder.address(first, last, domain=domain),
        name=f"{first} {last}",
        bio=sample_texts.bio(builder) if builder.chance(0.7) else "",
        is_external=is_external,
        created_at=joined,
        show_email_on_profile=builder.chance(0.2),
        include_in_search=builder.chance(0.9),
        show_activity_publicly=builder.chance(0.8),
    )
    user.set_unusable_password()
    user.last_login = builder.since(max(joined, builder.now - timedelta(days=14)))
    return user


def _go_quiet(builder: Builder) -> None:
    """Some of the old members have not come by for a year or more, and every second of these was deactivated."""
    old = [user for user in builder.users if user.created_at < builder.years_ago(2) and not user.is_staff]
    for number, user in enumerate(builder.sample(old, builder.size(24, least=2))):
        user.last_login = builder.between(user.created_at, builder.years_ago(1))
        user.is_active = number % 2 == 0


def _introduce(builder: Builder) -> None:
    """Say who invited whom, and hang up the portraits: both need rows that exist."""
    avatars: list[Upload] = []
    for number, user in enumerate(builder.users):
        if number and (user.is_external or builder.chance(0.4)):
            user.invited_by = builder.users[builder.random.randrange(number)]
        if builder.chance(0.55):
            user.avatar = new_upload(builder, user, builder.since(user.created_at))
            avatars.append(user.avatar)
    builder.add(Upload, avatars)
    changed = [user for user in builder.users if user.invited_by or user.avatar]
    User.objects.bulk_update(changed, ["invited_by", "avatar"], batch_size=500)


def _former_addresses(builder: Builder) -> Iterator[UserFormerEmail]:
    for user in builder.sample(builder.users, builder.size(30, least=4)):
        first, _, last = user.name.partition(" ")
        former = (
            builder.address(first[0], last)
            if builder.chance(0.6)
            else builder.address(first, builder.faker.last_name())
        )
        changed = builder.since(user.created_at)
        yield UserFormerEmail(
            user=user, email=former, held_from=user.created_at, held_until=changed, created_at=changed
        )


def _consents(builder: Builder) -> Iterator[ConsentRecord]:
    for user in builder.users:
        yield _consent(builder, user, "terms", granted=True)
        yield _consent(builder, user, "newsletter", granted=builder.chance(0.4))
        if builder.chance(0.3):
            yield _consent(builder, user, "analytics", granted=builder.chance(0.6))


def _consent(builder: Builder, user: User, consent_type: str, *, granted: bool) -> ConsentRecord:
    is_revoked = granted and consent_type != "terms" and builder.chance(0.3)
    return ConsentRecord(
        user=user,
        consent_type=consent_type,
        granted=granted,
        granted_at=user.created_at,
        revoked_at=builder.since(user.created_at) if is_revoked else None,
        ip_address=builder.ip(),
        user_agent=builder.user_agent(),
    )
