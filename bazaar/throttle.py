"""Throttling of logins: attempts are recorded, and refused before the password check after too many failures.

No library does it here: django-axes has tables, middleware, a cache and settings of its own, while `LoginAttempt`
exists with its erasure and its retention, and only the counting is missing. The lowest limit is for an e-mail address
from one IP address, so that failures from elsewhere do not lock out its owner.
"""

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db.models import Count, Q
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from bazaar.fields import normalize_email
from bazaar.models import LoginAttempt, User

WINDOW = timedelta(minutes=15)
FROM_ONE_PLACE, OF_ONE_PLACE, OF_ONE_ADDRESS = 5, 50, 100
"""The most failures within `WINDOW`: of an e-mail address from one IP address; from one IP address; of an e-mail
address from all IP addresses."""
LONGEST_USER_AGENT = 500


def ip_address_of(request: HttpRequest) -> str | None:
    """Return the client's IP address; behind our own proxy, the one that the proxy reports."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY else ""
    # The client can forge everything before the last comma.
    text = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def is_throttled(request: HttpRequest, username: str) -> bool:
    """Return whether an e-mail address, or the IP address of a request, has failed too often within `WINDOW`."""
    email, place = normalize_email(username), ip_address_of(request)
    here = Q(ip_address=place)
    failed = LoginAttempt.objects.filter(success=False, created_at__gt=timezone.now() - WINDOW)
    numbers = failed.filter(Q(email=email) | (here if place else Q(pk=None))).aggregate(
        both=Count("pk", filter=here & Q(email=email)),
        place=Count("pk", filter=here if place else Q(pk=None)),
        address=Count("pk", filter=Q(email=email)),
    )
    limits = {"both": FROM_ONE_PLACE, "place": OF_ONE_PLACE, "address": OF_ONE_ADDRESS}
    return any(numbers[name] >= limit for name, limit in limits.items())


class ThrottledBackend(ModelBackend):
    """Django's login by e-mail address and password, with throttling."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if request is not None and username and is_throttled(request, username):
            request.META[THROTTLED] = True
            raise PermissionDenied
        return super().authenticate(request, username, password, **kwargs)


THROTTLED = "bazaar.throttled"


class ThrottledLoginForm(AdminAuthenticationForm):
    """The admin's login form, with an error message for throttling. It is the same for accounts that do not exist."""

    def get_invalid_login_error(self) -> ValidationError:
        if self.request and THROTTLED in self.request.META:
            minutes = WINDOW.seconds // 60
            return ValidationError(f"Too many failed attempts. Try again in {minutes} minutes.", code="throttled")
        return super().get_invalid_login_error()


@receiver(user_logged_in)
def record_success(sender: Any, request: HttpRequest | None, user: User, **_kwargs: Any) -> None:
    del sender
    _record(request, user.email, user=user, success=True)


@receiver(user_login_failed)
def record_failure(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any
) -> None:
    """Record a failure, but not a throttled attempt: recording those would never end the throttling."""
    del sender
    if request is not None and THROTTLED not in request.META:
        _record(request, credentials.get("username") or "")


def _record(request: HttpRequest | None, username: str, *, user: User | None = None, success: bool = False) -> None:
    if request is None or not request.META:  # a test or a command
        return
    email = normalize_email(username)
    try:
        validate_email(email)
    except ValidationError:
        email = ""  # it may be a password in the wrong field
    LoginAttempt.objects.create(
        email=email,
        user=user or User.objects.filter(email=email).first(),
        success=success,
        ip_address=ip_address_of(request),
        user_agent=request.headers.get("User-Agent", "")[:LONGEST_USER_AGENT],
    )
