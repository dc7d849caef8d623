"""Audit logs that are read before they are written: nobody's edit is lost, and one bad log keeps back no other."""

import threading

import pytest
from django.db import connection, transaction

from bazaar import audit, redaction
from bazaar.models import AuditLog
from tests.bazaar.jobs.old_logs import due, logs, make, run
from tests.bazaar.jobs.two_connections import in_a_thread, wait_until_blocked


@pytest.mark.django_db(transaction=True)  # so that the batch is read in advance where it can be
def test_a_log_that_cannot_be_written_stops_no_other(monkeypatch):
    good = [make(metadata={"email": f"{number}@example.org"}) for number in range(5)]
    bad = make(metadata={"email": "bad@example.org"})
    clean_json = redaction.clean_json
    monkeypatch.setattr(redaction, "clean_json", lambda text: "{" if "bad" in text else clean_json(text))

    result = run()

    assert result.status == "partial"
    assert result.details["counts"] == {"changed": len(good), "failed": 1}
    assert [error["id"] for error in result.details["errors"]] == [bad.pk]
    assert due() == {bad.pk}
    assert logs()[bad.pk]["metadata"] == {"email": "bad@example.org"}


UNREADABLE = ["[" * 2_000 + '"bad@example.org"' + "]" * 2_000]  # for Python's parser; both databases take it


@pytest.mark.django_db(transaction=True)  # as above
@pytest.mark.parametrize("document", UNREADABLE, ids=["too deep"])
def test_a_log_that_cannot_be_read_is_anonymised_like_its_neighbours(document):
    good = [make(metadata={"email": f"{number}@example.org"}) for number in range(5)]
    bad = make()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bazaar_auditlog SET metadata = %s WHERE id = %s", [document, bad.pk])

    result = run()

    assert result.status == "succeeded"
    assert result.details["counts"] == {"changed": len(good) + 1}
    assert not due()
    left = logs()[bad.pk]
    assert left["metadata"] == {"unreadable": True}
    assert [left[name] for name in ("user_id", "subject_id", "ip_address", "user_agent")] == [None] * 4


@pytest.mark.postgresql  # SQLite has one writer
@pytest.mark.django_db(transaction=True)
def test_an_edit_after_a_log_was_read_in_advance_is_not_lost(monkeypatch):
    log, other = make(metadata={"email": "ann@example.org"}), make(metadata={"email": "ben@example.org", "kept": 1})
    clean_json, edits = redaction.clean_json, []

    def edit():
        return AuditLog.objects.filter(pk=log.pk).update(metadata={"phone": "1", "kept": 2})

    def clean_while_somebody_edits(document):
        if not edits:
            edits.append(in_a_thread(edit))
            edits[0][0].join()
        return clean_json(document)

    monkeypatch.setattr(redaction, "clean_json", clean_while_somebody_edits)

    assert run().details["counts"] == {"changed": 2}
    [(_, results)] = edits
    assert results == [1]

    assert logs()[log.pk]["metadata"] == {"kept": 2}
    assert logs()[other.pk]["metadata"] == {"kept": 1}
    assert not due()


@pytest.mark.postgresql  # SQLite has one writer
@pytest.mark.django_db(transaction=True)
def test_an_uncommitted_edit_is_not_lost(monkeypatch):
    log = make(metadata={"email": "ann@example.org"})
    clean_json, edits, is_edited = redaction.clean_json, [], threading.Event()

    def edit():
        with transaction.atomic():
            number = AuditLog.objects.filter(pk=log.pk).update(metadata={"phone": "1", "kept": 2})
            is_edited.set()
            wait_until_blocked()
        return number

    def clean_while_somebody_edits(document):
        if not edits:
            edits.append(in_a_thread(edit))
            assert is_edited.wait(4)
        return clean_json(document)

    monkeypatch.setattr(redaction, "clean_json", clean_while_somebody_edits)

    assert run().details["counts"] == {"changed": 1}
    [(thread, results)] = edits
    thread.join()
    assert results == [1]

    assert logs()[log.pk]["metadata"] == {"kept": 2}
    assert not due()


@pytest.mark.postgresql  # SQLite has one writer
@pytest.mark.django_db(transaction=True)
def test_an_edit_after_writing_waits_and_is_not_lost(monkeypatch):
    log = make(metadata={"email": "ann@example.org"})
    write, edits = audit._write_at_once, []

    def edit():
        return AuditLog.objects.filter(pk=log.pk).update(metadata={"phone": "1", "kept": 2})

    def write_while_somebody_edits(*arguments):
        written = write(*arguments)
        if not edits:
            edits.append(in_a_thread(edit))
            wait_until_blocked()
        return written

    monkeypatch.setattr(audit, "_write_at_once", write_while_somebody_edits)

    assert run().details["counts"] == {"changed": 1}
    [(thread, results)] = edits
    thread.join()
    assert results == [1]

    assert logs()[log.pk]["metadata"] == {"phone": "1", "kept": 2}
    assert due() == {log.pk}
    run()
    assert logs()[log.pk]["metadata"] == {"kept": 2}
