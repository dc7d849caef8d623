"""Devices, tokens, links and sessions that let members in, and attempts to get in.

None of them opens a door: hashes are hashes of nothing, and the keys of sessions come from the system's own random.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.utils.crypto import get_random_string

from bazaar.community.world import World
from bazaar.models import LoginAttempt, MagicLinkToken, PushToken, RefreshToken, Session, User
from bazaar.sessions import SessionStore

HOUR = timedelta(hours=1)
PUSH_TOKEN_LIMIT = timedelta(days=90)
"""Push tokens that have not been used for longer go."""
LINK_VALIDITY = timedelta(minutes=15)
LOGIN_VALIDITY = timedelta(days=60)
SESSION_VALIDITY = timedelta(days=14)


def give_access(world: World) -> None:
    """Push and refresh tokens, magic links, log-in attempts and web sessions."""
    world.add(PushToken, _push_tokens(world))
    world.add(RefreshToken, _refresh_tokens(world))
    world.add(MagicLinkToken, _magic_links(world))
    world.add(LoginAttempt, _login_attempts(world))
    world.add(Session, _sessions(world))


def _push_tokens(world: World) -> Iterator[PushToken]:
    """Devices in use, devices in a drawer (of four in ten who joined before the limit), and some that nearly are."""
    limit = world.now - PUSH_TOKEN_LIMIT
    settled = [user for user in world.users if user.created_at < limit - PUSH_TOKEN_LIMIT]
    for user in world.users:
        if world.chance(0.6):
            yield _push_token(world, user, world.since(max(user.created_at, world.days_ago(60, 80))))
    for user in world.sample(settled, world.size(100, least=4)):
        since = max(user.created_at, world.days_ago(600, 700))
        yield _push_token(world, user, world.between(since, limit - HOUR))
    for user in world.sample(settled, world.size(12, least=2)):
        yield _push_token(world, user, limit + HOUR * world.random.uniform(1, 23))


def _push_token(world: World, user: User, last_used: datetime) -> PushToken:
    platform = PushToken.Platform.IOS if world.chance(0.5) else PushToken.Platform.ANDROID
    return PushToken(
        user=user,
        token=f"{platform}:{world.token()}",
        platform=platform,
        last_used_at=last_used,
        created_at=world.between(user.created_at, last_used),
    )


def _refresh_tokens(world: World) -> Iterator[RefreshToken]:
    """Live, expired and revoked ones."""
    for user in world.users:
        for _ in range(world.random.randrange(3)):
            created = world.between(max(user.created_at, world.now - 2 * LOGIN_VALIDITY), world.now)
            expires = created + LOGIN_VALIDITY
            revoked = world.between(created, min(world.now, expires)) if world.chance(0.2) else None
            yield RefreshToken(
                user=user, token_hash=world.token(), expires_at=expires, revoked_at=revoked, created_at=created
            )


def _magic_links(world: World) -> Iterator[MagicLinkToken]:
    """Used ones, one in four expired (often sent to nobody's address), and a few that are on their way."""
    for number in range(world.size(260, least=10)):
        when = world.days_ago(0.1, 200)
        used = when + LINK_VALIDITY * world.random.random() if number % 4 else None
        address = world.member(when).email if used or world.chance(0.6) else world.stranger()
        yield _magic_link(world, address, when, used)
    for _ in range(world.size(4, least=2)):
        yield _magic_link(world, world.member(world.now).email, world.now - LINK_VALIDITY * world.random.random(), None)
    for former in world.former:
        when = world.between(former.user.created_at, former.created_at)
        yield _magic_link(world, former.email, when, when + LINK_VALIDITY / 2)


def _magic_link(world: World, address: str, when: datetime, used: datetime | None) -> MagicLinkToken:
    return MagicLinkToken(
        email=address,
        token_hash=world.token(),
        expires_at=when + LINK_VALIDITY,
        used_at=used,
        created_at=when,
    )


def _login_attempts(world: World) -> Iterator[LoginAttempt]:
    """Of members, of nobody, and of members whom the attempt names by their address alone."""
    for number in range(world.size(900, least=40)):
        when = world.days_ago(0, 500)
        member = world.member(when) if number % 5 else None
        address = member.email if member else world.stranger()
        yield _login_attempt(world, address, when, member if number % 8 else None)
    for former in world.former:
        yield _login_attempt(world, former.email, world.between(former.user.created_at, former.created_at), None)


def _login_attempt(world: World, address: str, when: datetime, user: User | None) -> LoginAttempt:
    return LoginAttempt(
        email=address,
        user=user,
        success=user is not None and world.chance(0.85),
        ip_address=world.ip() if world.chance(0.97) else None,
        user_agent=world.user_agent(),
        created_at=when,
    )


def _sessions(world: World) -> Iterator[Session]:
    """Browsers of every third member and of passers-by, live and expired; none of staff."""
    store = SessionStore()
    for user in world.users:
        if user.is_staff or not world.chance(0.35):
            continue
        data = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        yield _session(world, store.encode(data), user)
    for _ in range(world.size(12, least=2)):
        yield _session(world, store.encode({"landing_page": "/projects/"}), None)


def _session(world: World, data: str, user: User | None) -> Session:
    expires = world.now + SESSION_VALIDITY - timedelta(days=world.random.uniform(0, 24))
    return Session(
        session_key=get_random_string(32, VALID_KEY_CHARS), session_data=data, expire_date=expires, user=user
    )
