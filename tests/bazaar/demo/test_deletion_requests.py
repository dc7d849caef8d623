"""Requests of the community: due, waiting and cancelled ones, and none of those who must stay."""

from datetime import UTC, datetime, timedelta

import pytest

from bazaar.demo.builder import Builder
from bazaar.demo.deletion_requests import STAYS, request_deletions
from bazaar.models import DeletionRequest, User

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Status = DeletionRequest.Status


def member(number, **fields):
    joined = {"created_at": NOW - timedelta(days=400), "email": f"user-{number}@example.org"}
    return User(**{**joined, **fields})


@pytest.fixture
def asked():
    """Ask on behalf of sixty members; among them are staff, newcomers and somebody who was deactivated."""
    builder = Builder(seed=1, scale=0.1, now=NOW)
    builder.users = [member(number, is_staff=number < 5, is_active=number != 6) for number in range(60)]
    builder.users += [member(number, created_at=NOW - timedelta(days=9)) for number in range(60, 70)]
    User.objects.bulk_create(builder.users)
    request_deletions(builder)
    return list(DeletionRequest.objects.select_related("user"))


def test_nobody_is_asked_for_who_must_stay(asked):
    assert all(not request.user.is_staff and request.user.is_active for request in asked)
    assert all(request.user.created_at < NOW - timedelta(days=180) for request in asked)
    assert STAYS not in {request.user_pk for request in asked}


def test_nobody_is_asked_for_twice(asked):
    assert len({request.user_pk for request in asked}) == len(asked)


def test_some_are_due_some_wait_and_some_are_cancelled(asked):
    due = [request for request in asked if request.status == Status.PENDING and request.scheduled_for < NOW]
    waiting = [request for request in asked if request.status == Status.PENDING and request.scheduled_for > NOW]
    cancelled = [request for request in asked if request.status == Status.CANCELLED]

    assert (len(due), len(waiting), len(cancelled)) == (4, 2, 2)
    assert {request.anonymize_contributions for request in due} == {True, False}
    assert all(request.requested_at < request.cancelled_at <= NOW for request in cancelled)
    assert all(request.cancel_reason for request in cancelled)


def test_those_who_still_want_to_go_know_since_when(asked):
    for request in asked:
        expected = request.requested_at if request.status == Status.PENDING else None
        assert request.user.deletion_requested_at == expected
