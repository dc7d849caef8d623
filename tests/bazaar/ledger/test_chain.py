"""The chain: an entry that is altered, removed, moved or added is found, whoever did it."""

import uuid
from contextlib import contextmanager

import pytest
from django.db import connections

from bazaar.ledger.chain import breaks, documents
from bazaar.ledger.choices import Kind
from bazaar.ledger.models import Entry, EntryCount, EntryDigest
from bazaar.ledger.triggers import install_triggers, remove_triggers
from bazaar.ledger.writer import Draft, append

pytestmark = pytest.mark.django_db


@contextmanager
def without_triggers():
    """What somebody can do who owns the database."""
    remove_triggers()
    yield
    install_triggers("ledger")


@pytest.fixture
def chain():
    origin = uuid.uuid4()
    return [
        append(
            Draft(
                Kind.ERASING,
                origin,
                person=uuid.uuid4(),
                request=uuid.uuid4(),
                mode="delete",
                addresses=frozenset({f"a{number}@example.org", f"b{number}@example.org"}),
                counts={"account": (1, 2), "files": (number, 0)},
            )
        )
        for number in range(5)
    ]


def execute(sql, *params):
    with connections["ledger"].cursor() as cursor:
        cursor.execute(sql, params)


def numbers(seen=None):
    return [found.number for found in breaks(seen)]


def test_a_chain_is_whole(chain):
    assert [entry.number for entry in chain] == [1, 2, 3, 4, 5]
    assert numbers({5: chain[4].digest}) == []
    assert numbers() == []
    assert len(list(documents())) == 5


ALTERATIONS = {
    "kind": "'cancelled'",
    "mode": "'anonymise'",
    "person": f"'{uuid.uuid4().hex}'",
    "request": f"'{uuid.uuid4().hex}'",
    "hold": f"'{uuid.uuid4().hex}'",
    "origin": f"'{uuid.uuid4().hex}'",
    "reason": "'by_mistake'",
    "reference": "7",
    "made_at": "'2020-01-01 00:00:00'",
    "scheduled_for": "'2020-01-01 00:00:00'",
    "review_on": "'2020-01-01'",
    "reference_digest": f"'{'a' * 64}'",
    "key_mark": f"'{'a' * 16}'",
    "previous": f"'{'a' * 64}'",
    "digest": f"'{'a' * 64}'",
}


@pytest.mark.parametrize("column", [field.name for field in Entry._meta.concrete_fields if not field.primary_key])
def test_an_altered_column_is_found(chain, column):
    with without_triggers():
        execute(f"UPDATE ledger_entry SET {column} = {ALTERATIONS[column]} WHERE number = 3")
    assert 3 in numbers()


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_removed_entry_is_found(chain, number):
    with without_triggers():
        for table, column in (("entrydigest", "entry_id"), ("entrycount", "entry_id"), ("entry", "number")):
            execute(f"DELETE FROM ledger_{table} WHERE {column} = %s", number)
    assert numbers({5: chain[4].digest}) == [min(number + 1, 5)]


def test_an_emptied_ledger_is_found(chain):
    seen = {5: chain[4].digest}
    with without_triggers():
        for model in (EntryDigest, EntryCount, Entry):
            execute(f"DELETE FROM {model._meta.db_table}")
    assert numbers() == []
    assert numbers(seen) == [5]


def test_entries_that_changed_places_are_found(chain):
    with without_triggers():
        for statement in ("DELETE FROM ledger_entrydigest", "DELETE FROM ledger_entrycount"):
            execute(statement)
        for old, new in ((2, 99), (3, 2), (99, 3)):
            execute("UPDATE ledger_entry SET number = %s WHERE number = %s", new, old)
    assert {2, 3} <= set(numbers())


@pytest.mark.parametrize("model", [EntryDigest, EntryCount])
def test_parts_of_an_entry_that_are_removed_or_added_are_found(chain, model):
    with without_triggers():
        execute(f"DELETE FROM {model._meta.db_table} WHERE entry_id = 2")
    EntryDigest.objects.create(entry=chain[3], digest="a" * 64)
    EntryCount.objects.create(entry=chain[4], category="consent", deleted=1, changed=0)
    assert numbers() == [2, 4, 5]


def test_an_entry_that_was_made_without_the_key_is_found(chain, settings):
    settings.LEDGER_KEY = "another-key-that-nobody-knows-0123456789"
    assert numbers() == [1, 2, 3, 4, 5]
    assert "another LEDGER_KEY" in next(breaks()).sentence


def test_an_end_that_was_cut_off_and_written_anew_is_found(chain):
    seen = {5: chain[4].digest}
    with without_triggers():
        for table, column in (("entrydigest", "entry_id"), ("entrycount", "entry_id"), ("entry", "number")):
            execute(f"DELETE FROM ledger_{table} WHERE {column} = 5")
    append(Draft(Kind.CANCELLED, uuid.uuid4()))
    assert numbers() == []
    assert numbers(seen) == [5]
