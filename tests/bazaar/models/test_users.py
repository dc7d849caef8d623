"""Users: their addresses, and the change of one."""

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction

from bazaar.models import User, UserFormerEmail
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["Ann@Example.org", " ann@example.org "])
def test_a_user_is_stored_and_found_by_any_form_of_the_address(address):
    user = User.objects.create_user(address, PASSWORD)

    assert User.objects.values_list("email", flat=True).get() == "ann@example.org"
    assert user.email == "ann@example.org"
    for other in ("ann@example.org", "ANN@EXAMPLE.ORG", address):
        assert User.objects.get(email=other) == user
        assert User.objects.get(email__in=[other]) == user
        assert User.objects.get_by_natural_key(other) == user
        assert authenticate(username=other, password=PASSWORD) == user
        assert authenticate(username=other, password="wrong") is None


def test_an_address_is_taken_whatever_its_case():
    UserFactory(email="ann@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="ANN@Example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="Ann@example.org")])
    UserFactory(email="ben@example.org")
    assert User.objects.count() == 2


def test_a_user_needs_an_address():
    with pytest.raises(ValueError, match="address"):
        User.objects.create_user("")


def test_a_user_without_a_password_cannot_log_in_with_one():
    assert not User.objects.create_user("ann@example.org").has_usable_password()


# A change of address


def test_a_change_of_address_is_remembered():
    user = UserFactory(email="first@example.org")

    user.change_email("Second@Example.org")
    user.change_email("third@example.org")

    user.refresh_from_db()
    assert user.email == "third@example.org"
    assert set(user.former_emails.values_list("email", flat=True)) == {"first@example.org", "second@example.org"}


def test_the_same_address_in_another_case_is_no_change():
    user = UserFactory(email="ann@example.org")

    user.change_email("ANN@example.org ")

    assert not UserFormerEmail.objects.exists()


def test_changing_back_and_forth_remembers_each_address_once():
    user = UserFactory(email="first@example.org")

    for address in ("second@example.org", "first@example.org", "second@example.org"):
        user.change_email(address)

    assert sorted(user.former_emails.values_list("email", flat=True)) == ["first@example.org", "second@example.org"]


def test_a_change_to_an_address_that_is_taken_leaves_everything_as_it_was():
    user = UserFactory(email="ann@example.org")
    UserFactory(email="ben@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        user.change_email("ben@example.org")

    user.refresh_from_db()
    assert user.email == "ann@example.org"
    assert not UserFormerEmail.objects.exists()
