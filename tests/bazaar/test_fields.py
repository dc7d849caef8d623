"""E-mail addresses: one form in the program and in the database."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from bazaar.fields import NormalizedEmailField, normalize_email
from tests.factories import make

pytestmark = pytest.mark.django_db


MODELS = list(apps.get_app_config("bazaar").get_models())


EMAIL_FIELDS = [(m, f.name) for m in MODELS for f in m._meta.fields if isinstance(f, NormalizedEmailField)]


every_email = pytest.mark.parametrize(("model", "name"), EMAIL_FIELDS, ids=lambda part: getattr(part, "__name__", part))


def test_an_address_has_one_form():
    assert normalize_email(" Zoe\u0308@Example.ORG ") == "zo\u00eb@example.org"


@every_email
def test_the_database_refuses_upper_case_from_anybody(model, name):
    row = make(model)
    column, table = model._meta.get_field(name).column, model._meta.db_table

    def write(address):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [address, row.pk])

    write("other@example.org")
    with pytest.raises(IntegrityError):
        write("Other@example.org")

    assert getattr(model.objects.get(pk=row.pk), name) == "other@example.org"


@every_email
def test_a_row_takes_its_address_in_any_case(model, name):
    row = make(model, **{name: "Other@Example.org"})

    assert getattr(row, name) == "other@example.org"
    assert model.objects.get(**{name: "OTHER@example.org"}) == row
