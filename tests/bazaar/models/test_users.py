"""Rules that the domain's models keep."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import PurePath

import pytest
from django.apps import apps
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, authenticate
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.utils import timezone

from bazaar.fields import NormalizedEmailField, normalize_email
from bazaar.models import DeletionRequest, Session, Upload, User, UserFormerEmail
from bazaar.pictures import cleaned
from bazaar.sessions import SessionStore
from tests.bazaar.erasure.rows import vanish
from tests.factories import PASSWORD, PNG, DeletionRequestFactory, UploadFactory, UserFactory, make

pytestmark = pytest.mark.django_db

MODELS = list(apps.get_app_config("bazaar").get_models())
EMAIL_FIELDS = [(m, f.name) for m in MODELS for f in m._meta.fields if isinstance(f, NormalizedEmailField)]
MARKER = "zaphod"

every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
every_email = pytest.mark.parametrize(("model", "name"), EMAIL_FIELDS, ids=lambda part: getattr(part, "__name__", part))


# Text forms


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


# E-mail addresses


def test_an_address_has_one_form():
    assert normalize_email(" Zoe\u0308@Example.ORG ") == "zo\u00eb@example.org"


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


@every_email
def test_the_database_refuses_upper_case_from_anybody(model, name):
    row = make(model)
    column, table = model._meta.get_field(name).column, model._meta.db_table

    def write(address):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [address, row.pk])

    write("other@example.org")
    with pytest.raises(IntegrityError):
        write("Other@example.org")

    assert getattr(model.objects.get(pk=row.pk), name) == "other@example.org"


@every_email
def test_a_row_takes_its_address_in_any_case(model, name):
    row = make(model, **{name: "Other@Example.org"})

    assert getattr(row, name) == "other@example.org"
    assert model.objects.get(**{name: "OTHER@example.org"}) == row


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


# Sessions


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


# Deletion requests


def test_a_user_has_at_most_one_open_deletion_request():
    request = DeletionRequestFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        DeletionRequestFactory(user=request.user)
    DeletionRequestFactory()

    assert DeletionRequest.objects.filter(user=request.user).count() == 1


@pytest.mark.parametrize("status", [DeletionRequest.Status.CANCELLED, DeletionRequest.Status.COMPLETED])
def test_a_closed_deletion_request_does_not_stand_in_the_way(status):
    request = DeletionRequestFactory(status=status)

    DeletionRequestFactory(user=request.user)

    assert DeletionRequest.objects.filter(user_pk=request.user.pk).count() == 2


def test_a_deletion_request_outlives_its_user():
    request = DeletionRequestFactory(scheduled_for=timezone.now() - timedelta(days=1))
    pk = request.user.pk

    vanish(request.user)

    request.refresh_from_db()
    assert (request.user, request.user_pk) == (None, pk)


# Uploads


@pytest.mark.parametrize("client_name", ["zaphod-passport.png", "../../zaphod.png", "zaphod.php"])
def test_a_stored_file_never_has_the_name_that_the_client_gave_it(client_name):
    upload = UploadFactory(client_name=client_name)

    assert upload.original_name == client_name
    assert MARKER not in upload.file.name
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.png", upload.file.name)
    with default_storage.open(upload.file.name) as stored:
        assert stored.read() == cleaned(BytesIO(PNG))[0].read()


def test_two_uploads_of_one_name_are_two_files():
    first, second = UploadFactory(client_name="a.png"), UploadFactory(client_name="a.png")

    assert first.file.name != second.file.name
    assert {PurePath(upload.file.path).name for upload in Upload.objects.all()} == {first.file.name, second.file.name}


def test_the_extension_is_that_of_the_content():
    assert PurePath(UploadFactory(mime_type="application/x-unheard-of").file.name).suffix == ".png"
