"""Rows by and about a person are read again after the erasure, for addresses and names in every text."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils import timezone

from bazaar.erasure import SomethingIsLeft, erase
from bazaar.erasure.identity import identity_of
from bazaar.erasure.inventory import collect, steps
from bazaar.erasure.own_rows import note, read_again
from bazaar.erasure.scope import Mode, Scope
from bazaar.models import AuditLog, User
from tests.bazaar.erasure.rows import entry_about
from tests.factories import AuditLogFactory, NotificationFactory, UserFactory

pytestmark = pytest.mark.django_db

NAME, ADDRESS = "Zoë Böhm", "zoe@example.org"
TEXTS = {
    AuditLog: ("action", "resource_type", "resource_id", "user_agent", "metadata"),
    LogEntry: ("object_repr", "change_message"),
}
PLACES = [(model, field) for model, fields in TEXTS.items() for field in fields]


@pytest.fixture
def user():
    return UserFactory(name=NAME, email=ADDRESS, is_staff=True)


def own_row(model, user, **values):
    if model is AuditLog:
        return AuditLogFactory(user=user, **values)
    entry = entry_about(UserFactory(), user)
    LogEntry.objects.filter(pk=entry.pk).update(object_repr="x", change_message="x", **values)
    return entry


@pytest.mark.parametrize("trace", [NAME, "BÖHM, ZOË", "to%3Azoe%40example.org"])
@pytest.mark.parametrize(("model", "field"), PLACES, ids=[f"{model.__name__}.{field}" for model, field in PLACES])
def test_what_a_text_keeps_rolls_the_erasure_back(user, model, field, trace, request_deletion, monkeypatch):
    row = own_row(model, user)
    request = request_deletion(user)
    carry_out = erase.__globals__["carry_out"]

    def leaving(scope):
        done = carry_out(scope)
        model.objects.filter(pk=row.pk).update(**{field: {"a": [trace]} if field == "metadata" else f"by {trace}"})
        return done

    monkeypatch.setitem(erase.__globals__, "carry_out", leaving)

    with pytest.raises(SomethingIsLeft) as failure, transaction.atomic():
        erase(request.pk, timezone.now())

    assert failure.value.places == (f"{model._meta.label}.{field}",)
    assert "hm" not in str(failure.value)
    assert User.objects.get(pk=user.pk).name == NAME


def test_rows_of_others_are_not_noted(user):
    own = AuditLogFactory(user=user)
    AuditLogFactory(user=UserFactory())
    NotificationFactory(user=UserFactory(), body=NAME)
    scope = Scope(identity_of([user.pk]), Mode.ANONYMISE, timezone.now())

    noted = {rows.label: list(rows.keys) for rows in note(steps(collect()), scope)}

    assert noted.pop("bazaar.AuditLog") == [own.pk]
    assert noted == {"admin.LogEntry": [], "bazaar.Upload": [], "bazaar.Notification": []}


def test_each_text_is_read_in_chunks_of_any_size(user):
    for number in range(5):
        AuditLogFactory(user=user, action=f"a{number}", resource_id=None, user_agent="", metadata={})
    scope = Scope(identity_of([user.pk]), Mode.ANONYMISE, timezone.now(), chunk=2)

    read = list(read_again(note(steps(collect()), scope), scope))

    assert {place for place, _ in read} == {"bazaar.AuditLog.action", "bazaar.AuditLog.resource_type"}
    assert [is_left for _, is_left in read] == [False] * 10
