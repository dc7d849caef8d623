"""Audit logs that the job `anonymize-audit-logs` examines again, or leaves alone."""

from datetime import timedelta

import pytest
from django.db.models.expressions import RawSQL

from bazaar import redaction
from bazaar.models import AuditLog
from tests.bazaar.jobs.old_logs import NOW, OLD, due, logs, make, make_clean, mixed, run

pytestmark = pytest.mark.django_db


def versions_of_rows():
    """Which version of each row the table holds: it changes with every write."""
    return dict(AuditLog.objects.values_list("pk", RawSQL("xmin::text || ctid::text", [])))


@pytest.mark.postgresql  # SQLite does not tell when a row was written
def test_a_second_run_writes_no_log(batches_of):
    batches_of(2)
    mixed()
    before = versions_of_rows()
    first = run(now=NOW)
    written = versions_of_rows()
    assert written != before

    second = run(now=NOW)

    assert first.details["counts"]["changed"] == 4
    assert second.details["counts"] == {}
    assert versions_of_rows() == written


def test_a_second_run_finds_nothing_due():
    mixed()
    run()
    after = logs()

    result = run()

    assert result.success
    assert result.details["counts"] == {}
    assert logs() == after


def test_a_log_edited_after_cleaning_is_due_again():
    log, other = make(), make()
    run()
    assert not due()

    AuditLog.objects.filter(pk=log.pk).update(ip_address="192.0.2.9")
    AuditLog.objects.filter(pk=other.pk).update(metadata={"email": "ann@example.org"})

    assert due() == {log.pk, other.pk}
    assert run().details["counts"] == {"changed": 2}
    assert logs()[log.pk]["ip_address"] is None
    assert logs()[other.pk]["metadata"] == {}


def test_a_log_inserted_late_with_an_old_date_is_due():
    make()
    run()

    late = make(OLD - timedelta(days=900))

    assert due() == {late.pk}
    assert run().details["counts"] == {"changed": 1}


def test_a_new_version_of_the_cleaner_examines_old_logs_again(monkeypatch):
    rows = [make(), make_clean(metadata={"project": "Zeppelin"})]
    run()
    assert not due()

    monkeypatch.setattr(redaction, "VERSION", redaction.VERSION + 1)
    monkeypatch.setattr(redaction, "clean_json", lambda document: "{}" if "project" in document else None)

    assert due() == {row.pk for row in rows}
    assert run().details["counts"] == {"changed": 1, "unchanged": 1}
    assert logs()[rows[1].pk]["metadata"] == {}
    assert not due()
