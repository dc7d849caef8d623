"""Memory stays flat however much a job has to do: batches and chunks are all that is ever loaded."""

import gc
import logging
import tracemalloc
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.utils import timezone

from bazaar.erasure import erase
from bazaar.models import AuditLog, DeletionRequest, LoginAttempt, Notification, Upload, User
from maintenance.engine.runner import run_now
from tests.factories import make
from tests.processes.rows import multiply

# In the one transaction of other tests, what waits for its end would grow.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.no_cover,  # what a measurement of branches remembers would count
]

CHUNK = 200
LONG_AGO = datetime(2024, 3, 1, tzinfo=UTC)
LIMIT = 2**20
"""Bytes by which the peaks of few and of many rows may differ: keys and counts, and no rows."""
PERSONAL = {"email": "ann@example.org", "text": "x" * 300}


@contextmanager
def peak():
    """Measure the most that Python had allocated at a time; the list gets the number of bytes."""
    result = []
    logging.disable()  # pytest keeps every record that is logged
    # What a process holds already decides when Python collects garbage; here it is to count for nothing.
    gc.collect()
    gc.freeze()
    gc.collect()
    tracemalloc.start()
    try:
        yield result
        result.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
        gc.unfreeze()
        logging.disable(logging.NOTSET)


def peaks_of(act, populate, numbers):
    """Let `act` work on few and on many rows, and return the peak of each."""
    found = []
    for number in numbers:
        subject = populate(number)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as the database does by itself where it is given the time
        with peak() as result:
            act(subject)
        found += result
    return found


def assert_flat(few, many):
    assert few > LIMIT / 10, "nothing was measured"
    assert many - few < LIMIT, (few, many)


@pytest.mark.parametrize("anonymize", [True, False])
def test_an_erasure(anonymize):
    def populate(number):
        user = make(User)
        for model, fields in (
            (AuditLog, {"user": user, "metadata": PERSONAL}),
            (Notification, {"user": make(User), "actor": user, "body": f"{user.email} {'x' * 300}"}),
            (Notification, {"user": user}),
            (LoginAttempt, {"user": user}),
        ):
            multiply(make(model, created_at=LONG_AGO, **fields), number)
        return DeletionRequest.objects.create(
            user=user, user_pk=user.pk, scheduled_for=LONG_AGO, anonymize_contributions=anonymize
        )

    @transaction.atomic
    def carry_out(request):
        assert erase(request.pk, timezone.now(), chunk=CHUNK)

    carry_out(populate(1))  # what is loaded once is loaded

    assert_flat(*peaks_of(carry_out, populate, (CHUNK, 12 * CHUNK)))

    assert not LoginAttempt.objects.exists()


def logs(number):
    multiply(make(AuditLog, created_at=LONG_AGO, metadata=PERSONAL), number)


def orphans(number):
    Upload.objects.bulk_create(
        Upload(file=f"{number}-{n}.png", mime_type="image/png", size=1, created_at=LONG_AGO) for n in range(number)
    )


def drifted_users(number):
    User.objects.bulk_create(User(email=f"{number}-{n}@example.org", karma=7) for n in range(number))


@pytest.mark.parametrize(
    ("name", "populate"),
    [("anonymize-audit-logs", logs), ("cleanup-orphaned-files", orphans), ("recalculate-karma", drifted_users)],
)
def test_a_job(name, populate, batches_of, settings, tmp_path):
    def run(_):
        done = run_now(name, confirm_count=10**6)
        assert done.success, done

    # The storage that tests share holds files of others, and the job looks at all of them.
    backend = {"BACKEND": settings.STORAGES["default"]["BACKEND"], "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    batches_of(CHUNK)
    run(None)  # what is loaded once is loaded

    assert_flat(*peaks_of(run, populate, (2 * CHUNK, 16 * CHUNK)))
