"""Devices on which somebody has logged in before, known by a signed cookie.

Failures of others, however many, do not keep a person out who comes with it. A device has its own, low limit, so a
stolen cookie is no way to guess a password. The cookie gives no right: the password is still asked for.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from bazaar.models import User

COOKIE = "bazaar_device"
SALT = "bazaar.devices"
AGE = timedelta(days=365)
MOST_USERS = 5
"""The most accounts that one device is known for; the latest count."""
LOGGED_IN = "bazaar.devices.logged_in"
"""Key of `request.META`: the user who has just logged in."""


def device_of(request: HttpRequest, user: User | None) -> str:
    """Return the id of the device, if `user` has logged in on it before; otherwise an empty text."""
    known = _read(request)
    return known["device"] if user and str(user.public_id) in known["users"] else ""


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Give the device its cookie where somebody has just logged in."""
    user = request.META.get(LOGGED_IN)
    if user is None:
        return
    known = _read(request)
    identity = str(user.public_id)
    users = [*(other for other in known["users"] if other != identity), identity][-MOST_USERS:]
    value = signing.dumps({"device": known["device"] or secrets.token_hex(16), "users": users}, salt=SALT)
    response.set_cookie(
        COOKIE, value, max_age=AGE, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Strict"
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        known: dict[str, Any] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return {"device": "", "users": []}
    return known
