"""Many values as one parameter, on both databases."""

from uuid import uuid4

import pytest

from maintenance.core.array_lookup import in_array
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db


def test_numbers_are_found(items):
    one, two, other = items(3)
    assert {*Item.objects.filter(in_array([two.pk, one.pk, 10**12]))} == {one, two}
    assert Item.objects.exclude(in_array({one.pk, two.pk})).get() == other


def test_nothing_is_among_nothing(items):
    items(1)
    assert Item.objects.exists()
    assert not Item.objects.filter(in_array([])).exists()


@pytest.mark.parametrize("name", ["plain.png", 'a "quoted", {listed} one', "back\\slash", "it's", "NULL", "é,é", ""])
def test_text_is_found_whatever_is_in_it(name):
    for other in (name, f"{name}x"):
        Item.objects.create(label=other)
    assert [item.label for item in Item.objects.filter(in_array([name, "elsewhere"], "label"))] == [name]


def test_values_are_found_that_the_database_keeps_in_another_form(items):
    item, _ = items(2)
    assert Item.objects.get(in_array([item.code, uuid4()], "code")) == item
