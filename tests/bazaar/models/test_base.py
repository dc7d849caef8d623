"""What all models of the domain have in common."""

import pytest
from django.apps import apps
from django.db import models

from bazaar.models import User

pytestmark = pytest.mark.django_db


MODELS = list(apps.get_app_config("bazaar").get_models())


MARKER = "zaphod"


every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)


@every_model
def test_the_text_form_of_a_row_gives_nobody_away(model):
    values = {}
    for field in model._meta.fields:
        if isinstance(field, models.GenericIPAddressField):
            values[field.attname] = "192.0.2.77"
        elif isinstance(field, models.JSONField):
            values[field.attname] = {"name": MARKER}
        elif isinstance(field, models.CharField | models.TextField | models.FileField):
            values[field.attname] = f"{MARKER}@example.org"
        elif isinstance(field, models.ForeignKey) and field.related_model is User:
            values[field.name] = User(pk=4711, name=MARKER, email=f"{MARKER}@example.org")

    row = model(**values)

    planted = [getattr(row, name) for name in values]
    assert MARKER in str([vars(value) if isinstance(value, User) else str(value) for value in planted])
    text = f"{row} {row!r}"
    assert [word for word in (MARKER, "example.org", "192.0.2") if word in text] == []
