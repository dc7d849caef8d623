"""The tables of the ledger take no word, from nobody."""

import uuid

import pytest
from django.db import DatabaseError, connections, models, transaction
from django.utils import timezone

from bazaar.ledger.choices import Kind
from bazaar.ledger.models import Entry, EntryCount, EntryDigest
from bazaar.ledger.writer import Draft, append

pytestmark = pytest.mark.django_db
NAMES = ["Ann", "ann@example.org", "Ann Miller", "x" * 16, "A" * 64, "ann" + "a" * 61, "g" * 16]
COLUMNS = [
    (model, field)
    for model in (Entry, EntryDigest, EntryCount)
    for field in model._meta.concrete_fields
    if not isinstance(field, models.AutoField | models.ForeignKey)
]


def values_of(model, entry):
    if model is EntryDigest:
        return {"entry_id": entry.number, "digest": "b" * 64}
    if model is EntryCount:
        return {"entry_id": entry.number, "category": "files", "deleted": 1, "changed": 1}
    return {
        "number": entry.number + 1,
        "origin": uuid.uuid4().hex,
        "made_at": timezone.now().isoformat(" ")[:26],
        "kind": "requested",
        "mode": "",
        "reason": "",
        "reference_digest": "",
        "key_mark": "c" * 16,
        "previous": "d" * 64,
        "digest": "e" * 64,
    }


def insert(model, values):
    columns, places = ", ".join(values), ", ".join(["%s"] * len(values))
    with transaction.atomic(using="ledger"), connections["ledger"].cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({places})", list(values.values()))


@pytest.fixture
def entry():
    return append(Draft(Kind.REQUESTED, uuid.uuid4()))


@pytest.mark.parametrize("model", [Entry, EntryDigest, EntryCount])
def test_a_row_of_choices_and_numbers_is_taken(entry, model):
    insert(model, values_of(model, entry))


@pytest.mark.parametrize(("model", "field"), COLUMNS, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_no_column_takes_a_word(entry, model, field, name):
    with pytest.raises(DatabaseError):
        insert(model, values_of(model, entry) | {field.column: name})


def test_no_column_holds_text_without_a_constraint():
    texts = [
        field for _, field in COLUMNS if isinstance(field, models.TextField | models.JSONField | models.BinaryField)
    ]
    assert texts == []
