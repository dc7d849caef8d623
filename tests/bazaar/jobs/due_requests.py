"""Deletion requests that are due, for tests of the job that carries them out."""

from datetime import UTC, datetime, timedelta

from bazaar.models import DeletionRequest

NAME = "finalize-deletions"
NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
Status = DeletionRequest.Status


def ask(user, *, scheduled_for=NOW - timedelta(days=1), anonymize=True):
    return DeletionRequest.objects.create(
        user=user, user_pk=user.pk, anonymize_contributions=anonymize, scheduled_for=scheduled_for
    )


def status_of(request):
    request.refresh_from_db()
    return request.status
