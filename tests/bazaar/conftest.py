"""Fixtures of the tests of the domain."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from bazaar.erasure import erase
from bazaar.models import DeletionRequest


@pytest.fixture
def uploads(settings, tmp_path):
    """An uploads folder of the test's own."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder)}}
    }
    assert default_storage.location == str(folder)
    return folder


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
