"""What the database itself keeps about accounts: nobody goes past the erasure, and nobody comes back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from bazaar.account_triggers import EMPTY_IN_ANONYMISED
from bazaar.deletion_errors import OnlyByErasure
from bazaar.erasure import verify
from bazaar.erasure.actions import KEEP
from bazaar.erasure.inventory import collect
from bazaar.erasure.selectors import SUBJECT
from bazaar.models import DeletionRequest, MagicLinkToken, User
from tests.factories import MagicLinkTokenFactory, UploadFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _uploads_of_its_own(uploads):
    """The tests make uploads."""


# Nobody goes past the erasure


def test_the_orm_refuses_to_delete_users():
    user = UserFactory()

    with pytest.raises(OnlyByErasure, match="deletion request"):
        user.delete()
    with pytest.raises(OnlyByErasure):
        User.objects.filter(pk=user.pk).delete()
    with pytest.raises(OnlyByErasure):
        User.objects.all().delete()

    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize(
    "delete",
    [
        lambda user: User.objects.filter(pk=user.pk)._raw_delete("default"),
        lambda user: User._base_manager.filter(pk=user.pk).delete(),
        lambda user: connection.cursor().execute("DELETE FROM bazaar_user WHERE id = %s", [user.pk]),
    ],
    ids=["raw", "base manager", "sql"],
)
def test_the_database_refuses_to_delete_users(delete):
    user = UserFactory()

    with pytest.raises((IntegrityError, OnlyByErasure)), transaction.atomic():
        delete(user)

    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize(
    "save", [User.save, lambda stale: User.objects.bulk_create([stale])], ids=["save", "bulk create"]
)
@pytest.mark.parametrize("days", [0, 8, 800])
def test_a_deleted_account_does_not_come_back_however_late(save, days, erase_user):
    user = UserFactory()
    stale = User.objects.get(pk=user.pk)
    erase_user(user, anonymize=False)
    DeletionRequest.objects.update(completed_at=timezone.now() - timedelta(days=days))

    with pytest.raises(IntegrityError), transaction.atomic():
        save(stale)

    assert not User.objects.filter(pk=stale.pk).exists()
    assert UserFactory(pk=stale.pk).pk == stale.pk, "the id may be somebody else's"


@pytest.mark.django_db(transaction=True)
def test_the_whole_database_can_be_flushed():
    UserFactory()

    call_command("flush", interactive=False, verbosity=0)

    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_flush_that_the_operator_takes_back_permits_nothing(monkeypatch):
    UserFactory()
    monkeypatch.setattr("builtins.input", lambda _question: "no")

    call_command("flush", interactive=True, verbosity=0)

    assert User.objects.get().deleted_at is None


# Nobody takes a placeholder


@pytest.mark.parametrize("address", ["deleted-42@deleted.invalid", "Anybody@Deleted.INVALID"])
def test_nobody_can_have_an_address_among_the_placeholders(address):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(address)
    user = UserFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email=address)
    with pytest.raises(ValidationError, match="reserved"):
        User(email=address, password="x").full_clean()


@pytest.mark.parametrize("anonymize", [True, False])
@pytest.mark.parametrize("domain", ["deleted.local", "deleted.example.org"])
def test_whoever_has_what_looks_like_a_placeholder_keeps_nobody_from_being_erased(domain, anonymize, erase_user):
    user = UserFactory()
    squatter = UserFactory(email=f"deleted-{user.pk}@{domain}")

    assert erase_user(user, anonymize=anonymize)

    MagicLinkTokenFactory(email=squatter.email)
    erase_user(squatter, anonymize=anonymize)
    assert not MagicLinkToken.objects.exists()


@pytest.mark.parametrize("domain", ["deleted.invalid", "deleted.local"])
def test_rows_that_were_anonymised_under_the_old_domain_are_settled(domain):
    pk = UserFactory().pk + 1
    user = UserFactory(pk=pk, email=f"deleted-{pk}@{domain}", anonymized_at=timezone.now())
    assert verify(pk)
    off = dict.fromkeys([name for name, value in EMPTY_IN_ANONYMISED.items() if value == "FALSE"], False)
    User.objects.filter(pk=user.pk).update(name="[Deleted User]", bio="", password="!", karma=0, **off)

    assert verify(pk) == []


# Nobody comes back


PERSONAL = {
    "email": lambda _: "ann@example.org",
    "name": lambda _: "Ann",
    "bio": lambda _: "Builds things.",
    "avatar": lambda _: UploadFactory(),
    "invited_by": lambda _: UserFactory(),
    "password": lambda user: user.password,
    "is_active": lambda _: True,
    "is_staff": lambda _: True,
    "is_superuser": lambda _: True,
    "is_external": lambda _: True,
    "include_in_search": lambda _: True,
    "show_email_on_profile": lambda _: True,
    "show_activity_publicly": lambda _: True,
    "deletion_requested_at": lambda _: timezone.now(),
    "staff_until": lambda _: timezone.now(),
    "anonymized_at": lambda _: None,
}
NOT_REFUSED = {"karma", "updated_at", "last_login"}


def test_the_rule_covers_what_the_inventory_empties():
    emptied = {
        name
        for policy in collect()
        if policy.model == "bazaar.User" and policy.selector == SUBJECT and policy.anonymise is not KEEP
        for name in policy.fields
    }
    assert emptied - NOT_REFUSED == {*EMPTY_IN_ANONYMISED, "email", "password", "anonymized_at"} == {*PERSONAL}


@pytest.mark.parametrize("field", PERSONAL)
def test_an_anonymised_account_gets_no_personal_value_again(field, erase_user):
    user = UserFactory()
    erase_user(user)
    value = PERSONAL[field](user)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**{field: value})

    assert User.objects.get(pk=user.pk).anonymized_at


@pytest.mark.parametrize("name", ["ann.smith", "ann@example.org", "", "7"])
def test_the_address_of_an_anonymised_account_is_its_own_placeholder(name, erase_user):
    user = UserFactory()
    erase_user(user)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email=f"deleted-{name}@deleted.invalid")

    assert User.objects.get(pk=user.pk).email == f"deleted-{user.pk}@deleted.invalid"


@pytest.mark.parametrize("days", [0, 8, 400])
def test_a_copy_that_was_read_before_cannot_be_saved_however_late(erase_user, days):
    user = UserFactory(email="ann@example.org")
    erase_user(user)
    DeletionRequest.objects.update(completed_at=timezone.now() - timedelta(days=days))

    with pytest.raises(IntegrityError), transaction.atomic():
        user.save()

    assert User.objects.get(pk=user.pk).name == "[Deleted User]"


def test_an_anonymised_account_can_be_written_otherwise(erase_user):
    user = UserFactory()
    erase_user(user)
    gone = User.objects.get(pk=user.pk)
    gone.karma = 3

    gone.save()

    assert User.objects.get(pk=user.pk).karma == 3
