"""An address of an erased person that comes back is noticed, and told by its place."""

from datetime import UTC, datetime

import pytest

from bazaar.decisions.models import ReturnedAddress
from bazaar.models import User
from maintenance.core import registry
from maintenance.engine.runner import run_now
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]
NAME = "compare-erased-addresses"
OLD = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def ann(request_deletion):
    """Somebody who was erased."""
    user = factories.UserFactory(email="ann@example.org")
    request_deletion(user, evidence={"public_id": str(user.public_id)})
    assert run_now("finalize-deletions").success
    return user


def told():
    assert run_now(NAME).success
    return " ".join(message.msg for message in registry.get(NAME).findings())


def test_nothing_is_told_where_nothing_came_back():
    factories.LoginAttemptFactory()
    result = run_now(NAME)
    [number] = [word for word in result.message.split() if word.isdigit()]
    assert int(number) == result.details["counts"]["compared"] > 0, "one sentence with the number"
    assert told() == ""


@pytest.mark.parametrize(
    ("place", "make"),
    [
        ("bazaar.User.email", lambda: factories.UserFactory(email="ann@example.org", created_at=OLD)),
        ("bazaar.LoginAttempt.email", lambda: factories.LoginAttemptFactory(user=None, email="ann@example.org")),
        (
            "bazaar.MagicLinkToken.email",
            lambda: factories.MagicLinkTokenFactory(email="ann@example.org", created_at=OLD),
        ),
        ("bazaar.Invitation.email", lambda: factories.InvitationFactory(email="ann@example.org")),
        ("bazaar.Notification.body", lambda: factories.NotificationFactory(body="Write to ANN@example.org.")),
        ("bazaar.AuditLog.metadata", lambda: factories.AuditLogFactory(metadata={"x": ["to%3Aann%40example.org"]})),
    ],
)
def test_an_address_that_came_back_is_told_by_its_place(place, make):
    row = make()
    assert f"{place} (1, the first in row {row.pk})" in told()
    assert "ann@" not in told(), "the address itself is not"


def test_somebody_who_signs_up_anew_is_no_finding():
    factories.UserFactory(email="ann@example.org")
    factories.LoginAttemptFactory(user=None, email="ann@example.org")
    assert told() == ""


@pytest.mark.parametrize("address", ["straße@example.org", "ann@xn--exmple-cua.org", "İnci@example.org"])
def test_somebody_who_signs_up_anew_is_known_in_every_spelling(address, erase_user):
    user = factories.UserFactory(email=address)
    erase_user(user)
    factories.LoginAttemptFactory(user=None, email=user.email)
    assert "bazaar.LoginAttempt.email" in told(), "the address came back"

    factories.UserFactory(email=address)

    assert told() == ""


def test_a_place_that_is_cleared_is_told_no_more():
    row = factories.NotificationFactory(body="Write to ann@example.org.")
    other = factories.LoginAttemptFactory(user=None, email="ann@example.org")
    assert "Notification" in told()
    assert "Notification" in told(), "a text is compared once, and told as long as it is there"
    row.delete()
    other.delete()
    assert told() == ""
    assert not ReturnedAddress.objects.exists()


def test_a_dry_run_changes_nothing():
    factories.LoginAttemptFactory(user=None, email="ann@example.org")
    result = run_now(NAME, dry_run=True)
    compared = run_now(NAME).details["counts"]["compared"]
    ReturnedAddress.objects.all().delete()
    assert result.message == f"Would compare {compared:,} rows."
    result = run_now(NAME, dry_run=True)
    assert result.success
    assert not ReturnedAddress.objects.exists()
    assert User.objects.filter(anonymized_at__isnull=False).exists()
