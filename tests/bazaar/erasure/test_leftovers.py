"""A search ends each erasure; what it finds rolls the erasure back, and is told by model and field."""

import pytest
from django.db import transaction
from django.utils import timezone

from bazaar.erasure import SomethingIsLeft, erase, execute, searches
from bazaar.erasure.inventory import collect, steps
from bazaar.models import User
from bazaar.searches.models import ErasureSearchPart
from maintenance.core.errors import summary_of
from tests.bazaar.erasure.canary import Canary, Mode, everything
from tests.factories import NotificationFactory, PushTokenFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = [
    number
    for number, step in enumerate(steps(collect()))
    if step.actions(Mode.ANONYMISE) and not step.deletes(Mode.ANONYMISE) and not step.removes_files(Mode.ANONYMISE)
    # What other steps do as well, or what is wrong already at the end of the row's statement
    if step.label not in {"bazaar.User", "bazaar.Project", "bazaar.Idea"}
]
DELETING = [
    number
    for number, step in enumerate(steps(collect()))
    # Those of an account that ends, a trigger deletes as well.
    if step.deletes(Mode.ANONYMISE) and step.label not in {"bazaar.Session", "bazaar.RefreshToken"}
]


@pytest.mark.parametrize("number", [*STEPS[::3], *DELETING[::3]])
def test_whatever_a_step_leaves_rolls_the_erasure_back(number, monkeypatch):
    canary = Canary(Mode.ANONYMISE)
    real = execute.execute

    def without_one(all_steps, scope):
        return real([step for place, step in enumerate(all_steps) if place != number], scope)

    monkeypatch.setitem(erase.__globals__, "execute", without_one)
    before = everything()

    with pytest.raises(SomethingIsLeft) as failure, transaction.atomic():
        erase(canary.request.pk, timezone.now(), chunk=2)

    label = steps(collect())[number].label
    assert failure.value.places
    assert all(place.startswith(label) for place in failure.value.places)
    assert everything() == before


@pytest.mark.parametrize("is_searched", [False, True])
@pytest.mark.parametrize("anonymize", [True, False])
def test_a_text_that_is_left_is_told_by_model_and_field(is_searched, anonymize, monkeypatch, request_deletion):
    user = UserFactory(email="ann@example.org")
    PushTokenFactory(user=user)
    NotificationFactory(body="From ann%40example.org")
    request = request_deletion(user, anonymize=anonymize)
    with transaction.atomic():
        searches.plan(timezone.now())
        for part in ErasureSearchPart.objects.all():
            searches.perform(part)
    monkeypatch.setattr("bazaar.erasure.execute.rewrite", lambda *_: 0)

    with pytest.raises(SomethingIsLeft) as failure, transaction.atomic():
        erase(request.pk, timezone.now(), searched=searches.found_for(request) if is_searched else None)

    assert failure.value.places == ("bazaar.Notification.body",)
    assert "ann" not in str(failure.value)
    assert summary_of(failure.value) == "SomethingIsLeft bazaar.Notification.body"
    assert User.objects.get(pk=user.pk).email == "ann@example.org"


def test_the_evidence_says_how_much_was_searched(erase_user):
    NotificationFactory(body="From ann@example.org")
    NotificationFactory(body="From somebody@example.org")

    evidence = erase_user(UserFactory(email="ann@example.org")).as_json()

    assert evidence["columns_searched"] > 50
    assert evidence["texts_searched"] >= 1
