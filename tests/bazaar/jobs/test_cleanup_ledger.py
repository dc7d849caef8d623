"""Old entries of the ledger go; the chain of the others stays checkable."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from bazaar.decisions import state
from bazaar.deletion_requests import make_request
from bazaar.ledger.chain import breaks
from bazaar.ledger.choices import Kind
from bazaar.ledger.models import Entry, EntryCount, EntryDigest
from bazaar.ledger.writer import Draft, append
from maintenance.engine.runner import run_now
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "cleanup-ledger"


def append_long_ago(**ago):
    with time_machine.travel(timezone.now() - timedelta(**ago), tick=False):
        return append(
            Draft(Kind.ERASING, uuid.uuid4(), addresses=frozenset({"ann@example.org"}), counts={"account": (1, 0)})
        )


def test_old_entries_go_and_the_chain_is_whole(batches_of):
    batches_of(2)
    for number in range(5):
        append_long_ago(days=4 * 366 + 10 - number)
    young = append_long_ago(days=4 * 365 - 10)
    assert len(list(EntryDigest.objects.all())) == 6

    result = run_now(NAME)

    assert result.success, result.message
    assert result.details["counts"]["deleted"] == 5
    assert Entry.objects.order_by("number").first().number == young.number
    assert EntryDigest.objects.count() == EntryCount.objects.count() == 1
    assert list(breaks()) == []
    assert run_now(NAME).details["counts"].get("deleted", 0) == 0


def test_nothing_goes_before_the_evidence_and_the_backups(settings):
    append_long_ago(days=4 * 366)
    append_long_ago(days=1)
    settings.DELETION_EVIDENCE_RETENTION_YEARS = 9
    assert run_now(NAME).details["counts"].get("deleted", 0) == 0
    settings.DELETION_EVIDENCE_RETENTION_YEARS, settings.BACKUP_RETENTION_DAYS = 3, 3_000
    assert run_now(NAME).details["counts"].get("deleted", 0) == 0
    settings.BACKUP_RETENTION_DAYS = 90
    assert run_now(NAME).details["counts"]["deleted"] == 1


def test_a_database_whose_last_entry_has_expired_goes_on():
    with time_machine.travel(timezone.now() - timedelta(days=5 * 366)):
        make_request(UserFactory())
    append_long_ago(days=1)
    assert run_now(NAME).success
    assert Entry.objects.filter(kind="expired").exists()
    assert state.why_not() is None
    make_request(UserFactory())
    assert list(breaks()) == []


def test_a_removed_entry_after_an_expiry_is_found():
    append_long_ago(days=4 * 366 + 1)
    for _ in range(3):
        append_long_ago(days=1)
    run_now(NAME)
    from bazaar.ledger.triggers import install_triggers, remove_triggers

    remove_triggers()
    for model, column in ((EntryDigest, "entry"), (EntryCount, "entry"), (Entry, "number")):
        model.objects.filter(**{column: 2})._raw_delete("ledger")
    install_triggers("ledger")
    assert [found.number for found in breaks()] == [3]
