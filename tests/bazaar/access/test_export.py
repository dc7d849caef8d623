"""Access finds what an erasure finds: the same rows, in the same ways."""

import io
import json
import zipfile

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from bazaar.access.export import export_of, write_zip
from bazaar.erasure import Mode, Scope, collect, erase
from bazaar.erasure.identity import identity_of
from bazaar.erasure.inventory import steps
from bazaar.models import AuditLog, Notification
from tests import factories
from tests.bazaar.erasure.canary import Canary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]


@pytest.fixture
def canary():
    """A person with a row for each way in which the inventory finds rows."""
    return Canary(Mode.DELETE)


def test_every_row_that_an_erasure_finds_is_exported(canary):
    planted = canary.person
    scope = Scope(identity_of([planted.pk]), Mode.DELETE, timezone.now())
    export = export_of(planted.pk)
    compared = 0
    for step in steps(collect()):
        if not step.search:
            keys = set(step.rows(scope).values_list("pk", flat=True))
            assert keys <= export.keys.get(step.label, set()), step.label
            compared += len(keys)
    assert compared > 50


def test_what_is_erased_was_exported(canary):
    export = export_of(canary.person.pk)
    before = rows_of(export.keys)
    with transaction.atomic():
        evidence = erase(canary.request.pk, timezone.now())
    after = rows_of(export.keys)
    for label in {**evidence.changes.deleted, **evidence.changes.changed}:
        changed = {pk for pk, row in before[label].items() if after[label].get(pk) != row}
        assert changed <= export.keys[label], label
        assert changed, label


def rows_of(labels):
    managers = {label: apps.get_model(label)._base_manager for label in labels}
    return {
        label: {row["pk"]: row for row in manager.values("pk", *names(manager))} for label, manager in managers.items()
    }


def names(manager):
    return [field.attname for field in manager.model._meta.concrete_fields]


def test_rows_of_others_are_not_exported():
    user, other = factories.UserFactory.create_batch(2)
    factories.PushTokenFactory(user=other)
    factories.LoginAttemptFactory(user=other)
    labels = set(export_of(user.pk).records)
    assert "bazaar.User" in labels
    assert not labels & {"bazaar.PushToken", "bazaar.LoginAttempt"}


def test_no_credential_is_exported():
    user = factories.UserFactory()
    token, session = factories.PushTokenFactory(user=user), factories.SessionFactory(user=user)
    text = json.dumps(export_of(user.pk).as_json(), default=str)
    assert user.email in text
    assert token.token not in text
    assert session.session_key not in text
    assert user.password not in text


def test_a_text_of_somebody_else_is_a_place_and_no_text():
    user, other = factories.UserFactory.create_batch(2)
    row = factories.NotificationFactory(user=other, actor=None, body=f"{user.email} is a fool.")
    export = export_of(user.pk)
    assert {
        "model": "bazaar.Notification",
        "fields": ["type", "title", "body", "data"],
        "id": str(row.pk),
    } in export.mentions
    assert "fool" not in json.dumps(export.as_json(), default=str)
    assert Notification.objects.get(pk=row.pk).body == row.body


def test_the_archive_has_the_files(tmp_path, capsys):
    user = factories.UserFactory()
    upload = factories.UploadFactory(uploaded_by=user)
    target = io.BytesIO()
    write_zip(export_of(user.pk), target)
    with zipfile.ZipFile(target) as archive:
        [name] = [name for name in archive.namelist() if name.startswith("files/")]
        assert archive.read(name) == factories.PNG
        assert json.loads(archive.read("data.json"))["missing_files"] == []
    file = tmp_path / "export.zip"
    call_command("personal_data", "export", user.pk, zip=file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert upload.pk
    assert AuditLog.objects.filter(action="account.exported", subject=user).exists()
