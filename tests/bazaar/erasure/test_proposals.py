"""The proposed policy of a field is right for its type, and can be written into the inventory as it is."""

import pytest
from django.db import models
from django.test.utils import isolate_apps

from bazaar.erasure.proposals import is_text, proposal
from bazaar.models import User

KINDS = {
    "email": (models.EmailField(), 'personal("x", DataCategory.ADDRESS, by_email("x"), DELETE_ROW)'),
    "ip": (models.GenericIPAddressField(), 'personal("x", DataCategory.ORIGIN, everywhere(), DELETE_ROW)'),
    "text": (models.TextField(), 'personal("x", DataCategory.TEXT, everywhere(), REDACT)'),
    "json": (models.JSONField(), 'personal("x", DataCategory.DATA, everywhere(), REDACT)'),
    "file": (models.FileField(), 'personal("x", DataCategory.FILE, everywhere(), REDACT)'),
    "number": (models.IntegerField(), 'not_personal("x")'),
    "choice": (models.CharField(choices=[("a", "A")]), 'not_personal("x")'),
    "date": (models.DateTimeField(), 'not_personal("x")'),
}


def model_with(**fields):
    """Make a model that belongs to no app."""
    with isolate_apps("bazaar"):
        attributes = {"__module__": __name__, "Meta": type("Meta", (), {"app_label": "bazaar"}), **fields}
        return type("Diary", (models.Model,), attributes)


def field_of(model, name="x"):
    return model._meta.get_field(name)


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_has_the_policy_of_its_type(kind):
    field, line = KINDS[kind]

    assert proposal(field_of(model_with(x=field.clone()))) == line


@pytest.mark.parametrize(("name", "category"), [("full_name", "NAME"), ("body", "TEXT")])
def test_a_text_is_a_name_where_its_name_says_so(name, category):
    model = model_with(**{name: models.TextField()})

    assert f"DataCategory.{category}" in proposal(field_of(model, name))


def test_a_row_with_an_owner_is_found_by_the_owner_and_goes():
    model = model_with(x=models.TextField(), owner=models.ForeignKey(User, models.CASCADE, related_name="+"))

    assert proposal(field_of(model)) == 'personal("x", DataCategory.TEXT, by_user("owner"), DELETE_ROW)'


@pytest.mark.parametrize(("null", "action"), [(True, "NULL"), (False, "DELETE_ROW")])
def test_a_reference_to_the_user_becomes_null_where_it_can(null, action):
    model = model_with(x=models.ForeignKey(User, models.CASCADE, null=null, related_name="+"))

    assert proposal(field_of(model)) == f'personal("x", DataCategory.PERSON, by_user("x"), {action})'


@pytest.mark.parametrize(
    ("field", "is_one"),
    [
        (models.CharField(), True),
        (models.TextField(), True),
        (models.JSONField(), True),
        (models.CharField(choices=[("a", "A")]), False),
        (models.CharField(primary_key=True), False),
        (models.IntegerField(), False),
    ],
)
def test_a_text_has_neither_choices_nor_is_it_a_key(field, is_one):
    assert is_text(field) is is_one
