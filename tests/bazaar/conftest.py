"""Fixtures of the tests of the domain."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from bazaar.erasure import erase
from bazaar.models import DeletionRequest, User
from tests.bazaar.logging_in import EMAIL, PASSWORD


@pytest.fixture
def request_deletion():
    """Ask for a deletion that is due."""

    def maker(user, *, anonymize=True, **fields):
        past = timezone.now() - timedelta(days=1)
        return DeletionRequest.objects.create(
            user=user, user_pk=user.pk, anonymize_contributions=anonymize, scheduled_for=past, **fields
        )

    return maker


@pytest.fixture
def erase_user(request_deletion):
    """Ask for a deletion and carry it out."""

    def maker(user, *, anonymize=True, now=None, **options):
        request = request_deletion(user, anonymize=anonymize)
        with transaction.atomic():
            return erase(request.pk, now or timezone.now(), **options)

    return maker


@pytest.fixture
def operator():
    """A superuser, with the password of the tests of log-in."""
    return User.objects.create_superuser(EMAIL, PASSWORD)


@pytest.fixture
def log_in(client, operator):
    """Try to log in; whether it worked comes back, and the page."""

    def log_in(email=EMAIL, password=PASSWORD, place="192.0.2.7", **headers):
        response = client.post(
            "/admin/login/", {"username": email, "password": password}, REMOTE_ADDR=place, headers=headers
        )
        return response.status_code == 302, response.content.decode()

    return log_in
