"""What the database keeps of deletion requests."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bazaar.models import DeletionRequest
from tests.bazaar.erasure.rows import vanish
from tests.factories import DeletionRequestFactory

pytestmark = pytest.mark.django_db


def test_a_user_has_at_most_one_open_deletion_request():
    request = DeletionRequestFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        DeletionRequestFactory(user=request.user)
    DeletionRequestFactory()

    assert DeletionRequest.objects.filter(user=request.user).count() == 1


@pytest.mark.parametrize("status", [DeletionRequest.Status.CANCELLED, DeletionRequest.Status.COMPLETED])
def test_a_closed_deletion_request_does_not_stand_in_the_way(status):
    request = DeletionRequestFactory(status=status)

    DeletionRequestFactory(user=request.user)

    assert DeletionRequest.objects.filter(user_pk=request.user.pk).count() == 2


def test_a_deletion_request_outlives_its_user():
    request = DeletionRequestFactory(scheduled_for=timezone.now() - timedelta(days=1))
    pk = request.user.pk

    vanish(request.user)

    request.refresh_from_db()
    assert (request.user, request.user_pk) == (None, pk)
