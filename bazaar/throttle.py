"""Throttling of logins: an attempt is recorded and counted before its password is checked.

Every check of a password counts: at the log-in, whatever account it is for, and of the old password when somebody
changes it. Attempts at the same moment wait for each other, so no more than the limit get through. The lowest limit is
for an e-mail address from one place, so that failures from elsewhere do not lock out its owner; a device on which the
owner has logged in before has a limit of its own (`bazaar.devices`). Why no library: `docs/decisions/`.
"""

from datetime import timedelta
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from bazaar import devices
from bazaar.fields import normalize_email
from bazaar.models import LoginAttempt, User
from bazaar.places import ip_address_of, place_of
from maintenance.core.database import advisory_lock

WINDOW = timedelta(minutes=15)
FROM_ONE_PLACE, OF_ONE_PLACE, OF_ONE_ADDRESS = 5, 50, 100
"""The most failures within `WINDOW`: of an e-mail address from one place; from one place; of an e-mail address from all
places."""
ON_ONE_DEVICE = 5
"""The most failures within `WINDOW` on a device that is known."""
LONGEST_USER_AGENT = 500
LONGEST_ADDRESS = LoginAttempt._meta.get_field("email").max_length or 0
THROTTLED, ATTEMPT = "bazaar.throttle.throttled", "bazaar.throttle.attempt"
"""Keys of `request.META`: whether the attempt was refused, and the recorded one."""


def refusal() -> ValidationError:
    """Return the message for a refused attempt. It is the same for accounts that do not exist."""
    minutes = WINDOW.seconds // 60
    return ValidationError(f"Too many failed attempts. Try again in {minutes} minutes.", code="throttled")


def failures() -> QuerySet[LoginAttempt]:
    """Return the failures that count now."""
    return LoginAttempt.objects.filter(success=False, lifted_at=None, created_at__gt=timezone.now() - WINDOW)


def begin_attempt(request: HttpRequest, username: str) -> LoginAttempt | None:
    """Record an attempt as a failure, until it turns out otherwise; `None` where there were too many failures.

    A refused attempt is not recorded: that would never end the throttling.
    """
    email = normalize_email(username)
    user = User.objects.filter(email=email).first() if _fits(email) else None
    attempt = LoginAttempt(
        email=email if user or _is_plain_address(email) else "",  # else it may be a password in the wrong field
        user=user,
        ip_address=ip_address_of(request),
        device=devices.device_of(request, user),
        user_agent=request.headers.get("User-Agent", "").replace("\x00", "")[:LONGEST_USER_AGENT],
    )
    attempt.network = place_of(attempt.ip_address)
    with transaction.atomic():
        for name in sorted({f"log-in {attempt.email}", f"log-in {attempt.network}"}):
            advisory_lock(name)
        if _has_failed_too_often(attempt):
            return None
        attempt.save()
    return attempt


def _fits(email: str) -> bool:
    return len(email) <= LONGEST_ADDRESS and "\x00" not in email


def _is_plain_address(email: str) -> bool:
    """Tell whether an address of nobody can be stored. Databases differ about the lower case of some letters."""
    try:
        validate_email(email)
    except ValidationError:
        return False
    return _fits(email) and email.isascii()


def _has_failed_too_often(attempt: LoginAttempt) -> bool:
    failed = failures()
    if attempt.device and failed.filter(device=attempt.device).count() < ON_ONE_DEVICE:
        return False
    here = Q(network=attempt.network) if attempt.network else Q(pk=None)
    whose = Q(email=attempt.email) if attempt.email else Q(pk=None)
    numbers = failed.filter(here | whose).aggregate(
        both=Count("pk", filter=here & whose), place=Count("pk", filter=here), address=Count("pk", filter=whose)
    )
    limits = {"both": FROM_ONE_PLACE, "place": OF_ONE_PLACE, "address": OF_ONE_ADDRESS}
    return any(numbers[name] >= limit for name, limit in limits.items())


def succeeded(attempt: LoginAttempt, user: User) -> None:
    LoginAttempt.objects.filter(pk=attempt.pk).update(success=True, user=user)


class ThrottledBackend(ModelBackend):
    """Django's login by e-mail address and password, with throttling."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if request is None or not request.META or not username:  # a command or a test
            return super().authenticate(request, username, password, **kwargs)
        attempt = begin_attempt(request, username)
        if attempt is None:
            request.META[THROTTLED] = True
            raise PermissionDenied
        request.META[ATTEMPT] = attempt
        if not _fits(normalize_email(username)):
            return None  # nobody has it, and a hash costs time
        return super().authenticate(request, username, password, **kwargs)


class ThrottledLoginForm(AdminAuthenticationForm):
    """The admin's login form, with an error message for throttling."""

    def get_invalid_login_error(self) -> ValidationError:
        if self.request and THROTTLED in self.request.META:
            return refusal()
        return super().get_invalid_login_error()


@receiver(user_logged_in)
def record_success(sender: Any, request: HttpRequest | None, user: User, **_kwargs: Any) -> None:
    """Record that somebody is in. A right password alone is none: the account may have no access."""
    del sender
    if request is None or not request.META:  # a command or a test
        return
    attempt = request.META.pop(ATTEMPT, None)
    if attempt is None:  # not by password
        attempt = LoginAttempt.objects.create(email=user.email, user=user, ip_address=ip_address_of(request))
    succeeded(attempt, user)
    request.META[devices.LOGGED_IN] = user
