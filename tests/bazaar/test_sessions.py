"""Sessions, each with its user in a column."""

import pytest
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from bazaar.models import Session
from bazaar.sessions import SessionStore
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_a_session_carries_its_user_in_a_column_while_the_user_is_logged_in():
    user, client = UserFactory(), Client()

    client.force_login(user)
    session = Session.objects.get()
    assert session.user == user
    assert session.get_decoded()[SESSION_KEY] == str(user.pk)
    client.logout()

    assert not Session.objects.filter(user=user).exists()


def test_a_session_that_lost_its_user_has_none_in_the_column():
    user, store = UserFactory(), SessionStore()
    store[SESSION_KEY], store["cart"] = str(user.pk), [1]
    store.save()
    assert Session.objects.get(pk=store.session_key).user == user

    del store[SESSION_KEY]
    store.save()

    assert Session.objects.get(pk=store.session_key).user is None
    assert SessionStore(store.session_key)["cart"] == [1]


def test_a_visitor_has_a_session_without_a_user():
    store = SessionStore()
    store["cart"] = [1]
    store.save()

    assert Session.objects.get().user is None


def test_a_session_keeps_its_user_when_its_key_changes():
    user, client = UserFactory(), Client()
    client.force_login(user)
    store = client.session
    before = store.session_key

    store.cycle_key()

    session = Session.objects.get()
    assert session.pk != before
    assert session.user == user
    assert HASH_SESSION_KEY in session.get_decoded()
