"""The ledger is append-only, whoever writes."""

import uuid

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections, transaction

from bazaar.ledger.choices import Kind
from bazaar.ledger.models import Entry, EntryCount, EntryDigest
from bazaar.ledger.writer import Draft, append

pytestmark = pytest.mark.django_db
TABLES = ["ledger_entry", "ledger_entrydigest", "ledger_entrycount"]
COLUMN = {"ledger_entry": "kind = kind", "ledger_entrydigest": "digest = digest", "ledger_entrycount": "deleted = 7"}


@pytest.fixture(autouse=True)
def entry():
    return append(
        Draft(Kind.ERASING, uuid.uuid4(), addresses=frozenset({"ann@example.org"}), counts={"account": (1, 0)})
    )


def execute(sql):
    with transaction.atomic(using="ledger"), connections["ledger"].cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_changed(table):
    with pytest.raises(DatabaseError):
        execute(f"UPDATE {table} SET {COLUMN[table]}")


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_deleted(table):
    with pytest.raises(DatabaseError):
        execute(f"DELETE FROM {table}")


@pytest.mark.postgresql  # SQLite has no TRUNCATE
@pytest.mark.parametrize("table", TABLES)
def test_no_table_is_emptied(table):
    with pytest.raises(DatabaseError):
        execute(f"TRUNCATE {table} CASCADE")


def test_rows_go_once_an_entry_stands_for_them(entry):
    append(Draft(Kind.EXPIRED, uuid.uuid4(), reference=entry.number, reference_digest=entry.digest))
    for model, column in ((EntryDigest, "entry"), (EntryCount, "entry"), (Entry, "number")):
        assert model.objects.filter(**{column: 1})._raw_delete("ledger") == 1
    with pytest.raises(DatabaseError), transaction.atomic(using="ledger"):
        Entry.objects.filter(number=2)._raw_delete("ledger")


@pytest.mark.django_db(transaction=True)
def test_flush_empties_the_ledger_and_leaves_it_append_only():
    call_command("flush", database="ledger", interactive=False, verbosity=0)
    assert not Entry.objects.exists()
    append(Draft(Kind.REQUESTED, uuid.uuid4()))
    with pytest.raises(DatabaseError):
        execute("DELETE FROM ledger_entry")
