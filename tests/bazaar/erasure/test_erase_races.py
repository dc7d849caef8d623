"""An erasure, and what others do while its transaction is open. SQLite lets nobody else write meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from bazaar.deletion_errors import LastSuperuser, NotPending
from bazaar.deletion_requests import cancel_request
from bazaar.erasure import erase, recheck
from bazaar.models import Notification, Upload, User
from tests.factories import NotificationFactory, ProjectFactory, PushTokenFactory, UploadFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,  # two transactions that write at the same time
]


@contextmanager
def somebody_else():
    """Run functions in a thread, and so on a connection, of their own."""
    with ThreadPoolExecutor(1) as pool:

        def closing(function):
            try:
                return function()
            finally:
                connections.close_all()

        yield lambda function: pool.submit(closing, function)


@transaction.atomic
def carry_out(request):
    return erase(request.pk, timezone.now())


def waits(future):
    """Tell whether the statement of somebody else waits for a lock."""
    with connection.cursor() as cursor:
        for _ in range(10_000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return True
            if future.done():
                return False
    return False


def test_of_the_last_two_superusers_only_one_goes(request_deletion):
    first, second = (request_deletion(UserFactory(is_superuser=True, is_staff=True)) for _ in range(2))

    with somebody_else() as run:
        with transaction.atomic():
            erase(first.pk, timezone.now())
            other = run(partial(carry_out, second))
            assert waits(other)
        with pytest.raises(LastSuperuser):
            other.result()

    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_a_cancellation_that_comes_too_late_says_so(request_deletion):
    request = request_deletion(UserFactory())

    with somebody_else() as run:
        with transaction.atomic():
            assert erase(request.pk, timezone.now())
            other = run(partial(cancel_request, request, reason="changed_mind"))
            assert waits(other)
        with pytest.raises(NotPending):
            other.result()

    request.refresh_from_db()
    assert request.status == "completed"


def test_an_erasure_that_comes_after_a_cancellation_does_nothing(request_deletion):
    request = request_deletion(UserFactory())

    with somebody_else() as run:
        with transaction.atomic():
            cancel_request(request, reason="changed_mind")
            other = run(partial(carry_out, request))
            assert waits(other)
        assert other.result() is None

    assert User.objects.get(pk=request.user_pk).name != "[Deleted User]"


def test_a_request_is_carried_out_once(request_deletion):
    request = request_deletion(UserFactory(), anonymize=False)

    with somebody_else() as run:
        with transaction.atomic():
            assert erase(request.pk, timezone.now())
            other = run(partial(carry_out, request))
            assert waits(other)
        assert other.result() is None


def test_what_is_written_about_the_person_meanwhile_is_found_by_the_second_look(request_deletion):
    request, other_user = request_deletion(UserFactory()), UserFactory()
    person = User.objects.get(pk=request.user_pk)

    with somebody_else() as run:
        with transaction.atomic():
            erase(request.pk, timezone.now())
            other = run(lambda: [PushTokenFactory(user=person), NotificationFactory(user=other_user, actor=person)])
            assert waits(other)
        other.result()
    assert Notification.objects.filter(actor=person).exists()

    with transaction.atomic():
        found = recheck(timezone.now())

    assert (found.deleted, found.changed) == ({"bazaar.PushToken": 1}, {"bazaar.Notification": 1})


def test_nothing_can_be_written_about_a_person_who_is_deleted_meanwhile(request_deletion):
    request = request_deletion(UserFactory(), anonymize=False)
    person = User.objects.get(pk=request.user_pk)

    with somebody_else() as run:
        with transaction.atomic():
            erase(request.pk, timezone.now())
            other = run(lambda: PushTokenFactory(user=person))
            assert waits(other)
        with pytest.raises(IntegrityError):
            other.result()


def test_an_upload_that_a_project_begins_to_use_meanwhile_stays(request_deletion):
    request, project = request_deletion(UserFactory()), ProjectFactory()
    upload = UploadFactory(uploaded_by=request.user)

    with somebody_else() as run:
        with transaction.atomic():
            project.image = upload
            project.save()
            other = run(partial(carry_out, request))
            assert waits(other)
        assert other.result().changes.files_marked == 0

    upload = Upload.objects.get(pk=upload.pk)
    assert (upload.condemned_at, upload.uploaded_by) == (None, None)
