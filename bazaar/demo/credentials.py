"""Devices, tokens, links and sessions that let members in, and attempts to get in.

None of them opens a door: hashes are hashes of nothing, and the keys of sessions come from the system's own random.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.utils.crypto import get_random_string

from bazaar.demo.builder import Builder
from bazaar.models import LoginAttempt, MagicLinkToken, PushToken, RefreshToken, Session, User
from bazaar.sessions import SessionStore

HOUR = timedelta(hours=1)
PUSH_TOKEN_LIMIT = timedelta(days=90)
"""Push tokens that have not been used for longer go."""
LINK_VALIDITY = timedelta(minutes=15)
LOGIN_VALIDITY = timedelta(days=60)
SESSION_VALIDITY = timedelta(days=14)


def make_credentials(builder: Builder) -> None:
    """Push and refresh tokens, magic links, login attempts and web sessions."""
    builder.add(PushToken, _push_tokens(builder))
    builder.add(RefreshToken, _refresh_tokens(builder))
    builder.add(MagicLinkToken, _magic_links(builder))
    builder.add(LoginAttempt, _login_attempts(builder))
    builder.add(Session, _sessions(builder))


def _push_tokens(builder: Builder) -> Iterator[PushToken]:
    """Devices in use, devices in a drawer (of four in ten who joined before the limit), and some that nearly are."""
    limit = builder.now - PUSH_TOKEN_LIMIT
    settled = [user for user in builder.users if user.created_at < limit - PUSH_TOKEN_LIMIT]
    for user in builder.users:
        if builder.chance(0.6):
            yield _push_token(builder, user, builder.since(max(user.created_at, builder.days_ago(60, 80))))
    for user in builder.sample(settled, builder.size(100, least=4)):
        since = max(user.created_at, builder.days_ago(600, 700))
        yield _push_token(builder, user, builder.between(since, limit - HOUR))
    for user in builder.sample(settled, builder.size(12, least=2)):
        yield _push_token(builder, user, limit + HOUR * builder.random.uniform(1, 23))


def _push_token(builder: Builder, user: User, last_used: datetime) -> PushToken:
    platform = PushToken.Platform.IOS if builder.chance(0.5) else PushToken.Platform.ANDROID
    return PushToken(
        user=user,
        token=f"{platform}:{builder.token()}",
        platform=platform,
        last_used_at=last_used,
        created_at=builder.between(user.created_at, last_used),
    )


def _refresh_tokens(builder: Builder) -> Iterator[RefreshToken]:
    """Live, expired and revoked ones."""
    for user in builder.users:
        for _ in range(builder.random.randrange(3)):
            created = builder.between(max(user.created_at, builder.now - 2 * LOGIN_VALIDITY), builder.now)
            expires = created + LOGIN_VALIDITY
            revoked = builder.between(created, min(builder.now, expires)) if builder.chance(0.2) else None
            yield RefreshToken(
                user=user, token_hash=builder.token(), expires_at=expires, revoked_at=revoked, created_at=created
            )


def _magic_links(builder: Builder) -> Iterator[MagicLinkToken]:
    """Used ones, one in four expired (often sent to nobody's address), and a few that are on their way."""
    for number in range(builder.size(260, least=10)):
        when = builder.days_ago(0.1, 200)
        used = when + LINK_VALIDITY * builder.random.random() if number % 4 else None
        address = builder.member(when).email if used or builder.chance(0.6) else builder.stranger()
        yield _magic_link(builder, address, when, used)
    for _ in range(builder.size(4, least=2)):
        yield _magic_link(
            builder, builder.member(builder.now).email, builder.now - LINK_VALIDITY * builder.random.random(), None
        )
    for former in builder.former:
        when = builder.between(former.user.created_at, former.created_at)
        yield _magic_link(builder, former.email, when, when + LINK_VALIDITY / 2)


def _magic_link(builder: Builder, address: str, when: datetime, used: datetime | None) -> MagicLinkToken:
    return MagicLinkToken(
        email=address,
        token_hash=builder.token(),
        expires_at=when + LINK_VALIDITY,
        used_at=used,
        created_at=when,
    )


def _login_attempts(builder: Builder) -> Iterator[LoginAttempt]:
    """Of members, of nobody, and of members whom the attempt names by their address alone."""
    for number in range(builder.size(900, least=40)):
        when = builder.days_ago(0, 500)
        member = builder.member(when) if number % 5 else None
        address = member.email if member else builder.stranger()
        yield _login_attempt(builder, address, when, member if number % 8 else None)
    for former in builder.former:
        yield _login_attempt(builder, former.email, builder.between(former.user.created_at, former.created_at), None)


def _login_attempt(builder: Builder, address: str, when: datetime, user: User | None) -> LoginAttempt:
    return LoginAttempt(
        email=address,
        user=user,
        success=user is not None and builder.chance(0.85),
        ip_address=builder.ip() if builder.chance(0.97) else None,
        user_agent=builder.user_agent(),
        created_at=when,
    )


def _sessions(builder: Builder) -> Iterator[Session]:
    """Browsers of every third member and of passers-by, live and expired; none of staff."""
    store = SessionStore()
    for user in builder.users:
        if user.is_staff or not builder.chance(0.35):
            continue
        data = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        yield _session(builder, store.encode(data), user)
    for _ in range(builder.size(12, least=2)):
        yield _session(builder, store.encode({"landing_page": "/projects/"}), None)


def _session(builder: Builder, data: str, user: User | None) -> Session:
    expires = builder.now + SESSION_VALIDITY - timedelta(days=builder.random.uniform(0, 24))
    return Session(
        session_key=get_random_string(32, VALID_KEY_CHARS), session_data=data, expire_date=expires, user=user
    )
