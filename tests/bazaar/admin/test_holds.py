"""Legal holds in the admin: set and released, each with its permission."""

import pytest
from django.urls import reverse

from bazaar.holds.models import Hold
from bazaar.ledger import writer
from tests import factories

pytestmark = pytest.mark.django_db
ADD = "admin:holds_hold_add"
LIST = "admin:holds_hold_changelist"


@pytest.fixture
def admin(client):
    user = factories.UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def form_of(user):
    return {"user": user.pk, "reason": "legal_claim", "review_on": "2999-01-01"}


def test_a_hold_is_set_and_released(client, admin):
    user = factories.UserFactory()
    assert client.get(reverse(ADD)).status_code == 200
    assert client.post(reverse(ADD), form_of(user)).status_code == 302
    hold = Hold.objects.get()
    assert (hold.user, hold.set_by, hold.status) == (user, admin, "active")
    assert client.get(reverse("admin:holds_hold_change", args=[hold.pk])).status_code == 200
    client.post(reverse(LIST), {"action": "release_holds", "_selected_action": [hold.pk]})
    hold.refresh_from_db()
    assert (hold.status, hold.released_by) == ("released", admin)
    assert client.get(reverse(LIST)).status_code == 200


def test_a_review_in_the_past_is_refused(client, admin):
    answer = client.post(reverse(ADD), form_of(factories.UserFactory()) | {"review_on": "2001-01-01"})
    assert answer.status_code == 200
    assert "lies in the past" in answer.content.decode()
    assert not Hold.objects.exists()


def test_without_a_ledger_no_hold_is_set_and_the_page_says_so(client, admin, monkeypatch):
    def refuse(*_arguments, **_options):
        raise writer.LedgerUnavailable("OperationalError")

    monkeypatch.setattr("bazaar.decisions.recording.append", refuse)
    answer = client.post(reverse(ADD), form_of(factories.UserFactory()), follow=True)
    assert "The ledger cannot be used" in answer.content.decode()
    assert not Hold.objects.exists()


def test_it_needs_permissions(client):
    client.force_login(factories.UserFactory(is_staff=True))
    assert client.get(reverse(ADD)).status_code == 403
    assert client.get(reverse(LIST)).status_code == 403


def test_a_request_without_a_ledger_is_an_error_on_the_page(client, admin, monkeypatch):
    def refuse(*_arguments, **_options):
        raise writer.LedgerUnavailable("OperationalError")

    monkeypatch.setattr("bazaar.decisions.recording.append", refuse)
    user = factories.UserFactory()
    data = {"action": "request_deletion", "_selected_action": [user.pk], "confirmed": "yes", "channel": "email"}
    answer = client.post(reverse("admin:bazaar_user_changelist"), data, follow=True)
    assert "The ledger cannot be used" in answer.content.decode()
    assert not user.deletion_requests.exists()
