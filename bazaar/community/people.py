"""Members: who they are, who brought them, what they agreed to, and where they were reached before."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bazaar.community import words
from bazaar.community.pictures import new_upload
from bazaar.community.world import World
from bazaar.models import ConsentRecord, Upload, User, UserFormerEmail

FOUNDERS = 0.1
"""Share of the members who were there before the audit log begins, four years ago."""


def make_members(world: World) -> None:
    """Users in the order in which they joined, with inviters, avatars and former addresses."""
    total = world.size(300, least=40)
    founded = world.years_ago(4)
    joined = sorted(
        world.between(founded - timedelta(days=60), founded)
        if number < total * FOUNDERS
        else world.between(founded, world.now - timedelta(days=2))
        for number in range(total)
    )
    world.users = [_member(world, when) for when in joined]
    for user in world.users[: world.size(4, least=2)]:
        user.is_staff, user.is_external = True, False
    _go_quiet(world)
    world.add(User, world.users)
    _introduce(world)
    world.former = list(_former_addresses(world))
    world.add(UserFormerEmail, world.former)
    world.add(ConsentRecord, _consents(world))


def _member(world: World, joined: datetime) -> User:
    first, last = world.faker.first_name(), world.faker.last_name()
    is_external = world.chance(0.15)
    domain = "partners.example.org" if is_external else "example.org"
    user = User(
        public_id=world.uuid(),
        email=world.address(first, last, domain=domain),
        name=f"{first} {last}",
        bio=words.bio(world) if world.chance(0.7) else "",
        is_external=is_external,
        created_at=joined,
        show_email_on_profile=world.chance(0.2),
        include_in_search=world.chance(0.9),
        show_activity_publicly=world.chance(0.8),
    )
    user.set_unusable_password()
    user.last_login = world.since(max(joined, world.now - timedelta(days=14)))
    return user


def _go_quiet(world: World) -> None:
    """Some of the old members have not come by for a year or more, and every second of these was deactivated."""
    old = [user for user in world.users if user.created_at < world.years_ago(2) and not user.is_staff]
    for number, user in enumerate(world.sample(old, world.size(24, least=2))):
        user.last_login = world.between(user.created_at, world.years_ago(1))
        user.is_active = number % 2 == 0


def _introduce(world: World) -> None:
    """Say who invited whom, and hang up the portraits: both need rows that exist."""
    avatars: list[Upload] = []
    for number, user in enumerate(world.users):
        if number and (user.is_external or world.chance(0.4)):
            user.invited_by = world.users[world.random.randrange(number)]
        if world.chance(0.55):
            user.avatar = new_upload(world, user, world.since(user.created_at))
            avatars.append(user.avatar)
    world.add(Upload, avatars)
    changed = [user for user in world.users if user.invited_by or user.avatar]
    User.objects.bulk_update(changed, ["invited_by", "avatar"], batch_size=500)


def _former_addresses(world: World) -> Iterator[UserFormerEmail]:
    for user in world.sample(world.users, world.size(30, least=4)):
        first, _, last = user.name.partition(" ")
        former = world.address(first[0], last) if world.chance(0.6) else world.address(first, world.faker.last_name())
        yield UserFormerEmail(user=user, email=former, created_at=world.since(user.created_at))


def _consents(world: World) -> Iterator[ConsentRecord]:
    for user in world.users:
        yield _consent(world, user, "terms", granted=True)
        yield _consent(world, user, "newsletter", granted=world.chance(0.4))
        if world.chance(0.3):
            yield _consent(world, user, "analytics", granted=world.chance(0.6))


def _consent(world: World, user: User, consent_type: str, *, granted: bool) -> ConsentRecord:
    is_revoked = granted and consent_type != "terms" and world.chance(0.3)
    return ConsentRecord(
        user=user,
        consent_type=consent_type,
        granted=granted,
        granted_at=user.created_at,
        revoked_at=world.since(user.created_at) if is_revoked else None,
        ip_address=world.ip(),
        user_agent=world.user_agent(),
    )
