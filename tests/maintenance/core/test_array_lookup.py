"""Many values as one parameter, on both databases."""

from uuid import uuid4

import pytest

from bazaar.models import Upload, User
from maintenance.core.array_lookup import in_array
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_numbers_are_found():
    one, two, other = (UserFactory() for _ in range(3))
    assert {*User.objects.filter(in_array([two.pk, one.pk, 10**12]))} == {one, two}
    assert User.objects.exclude(in_array({one.pk, two.pk})).get() == other


def test_nothing_is_among_nothing():
    UserFactory()
    assert User.objects.exists()
    assert not User.objects.filter(in_array([])).exists()


@pytest.mark.parametrize("name", ["plain.png", 'a "quoted", {listed} one', "back\\slash", "it's", "NULL", "é,é", ""])
def test_text_is_found_whatever_is_in_it(name):
    for other in (name, f"{name}x"):
        Upload.objects.create(file=other, mime_type="image/png", size=1)
    assert [upload.file.name for upload in Upload.objects.filter(in_array([name, "elsewhere"], "file"))] == [name]


def test_values_are_found_that_the_database_keeps_in_another_form():
    user, _ = UserFactory(), UserFactory()
    assert User.objects.get(in_array([user.public_id, uuid4()], "public_id")) == user
