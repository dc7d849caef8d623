"""A file whose name tells of a person gets another name; what shows it shows the same content."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from bazaar import uploads
from bazaar.erasure import verify
from bazaar.models import Upload
from bazaar.uploads.renaming import rename_file
from tests.factories import CollaboratorFactory, ProjectFactory, UploadFactory, UserFactory

pytestmark = pytest.mark.django_db

ADDRESS, NAME = "zoe@example.org", "Zoë Böhm"
TELLING = ["zoe@example.org.png", "old/zoe%40example.org.png", "Zoë Böhm.png", "böhm_zoë-2.png"]


def stored_as(name, **fields):
    upload = UploadFactory(**fields)
    saved = default_storage.save(name, ContentFile(content_of(upload.file.name)))
    Upload.objects.filter(pk=upload.pk).update(file=saved)
    return Upload.objects.get(pk=upload.pk)


def content_of(name):
    with default_storage.open(name) as file:
        return file.read()


def remove_marked():
    uploads.remove(uploads.marked_for_removal())


@pytest.mark.parametrize("anonymize", [True, False])
@pytest.mark.parametrize("name", TELLING)
def test_a_kept_file_of_the_person_loses_a_telling_name(erase_user, name, anonymize):
    user = UserFactory(email=ADDRESS, name=NAME)
    upload = stored_as(name, uploaded_by=user)
    before, content = upload.file.name, content_of(upload.file.name)
    project = CollaboratorFactory(project=ProjectFactory(image=upload), role="creator").project

    evidence = erase_user(user, anonymize=anonymize)
    remove_marked()

    project.refresh_from_db()
    assert project.image_id == upload.pk
    assert project.image.file.name != before
    assert "hm" not in project.image.file.name
    assert content_of(project.image.file.name) == content
    assert not default_storage.exists(before)
    assert evidence.changes.changed["bazaar.Upload"]
    assert not Upload.objects.filter(file=before).exists()


@pytest.mark.parametrize("name", TELLING[:2])
def test_a_file_of_somebody_else_loses_the_address(erase_user, name):
    user = UserFactory(email=ADDRESS)
    upload = stored_as(name)
    before = upload.file.name
    assert [finding.model for finding in verify(user.pk) if "file" in finding.fields] == ["bazaar.Upload"]

    erase_user(user)
    remove_marked()

    upload.refresh_from_db()
    assert upload.file.name != before
    assert content_of(upload.file.name)
    assert not default_storage.exists(before)


def test_a_file_of_somebody_else_keeps_a_name(erase_user):
    upload = stored_as("Zoë Böhm.png")

    erase_user(UserFactory(name=NAME))

    assert Upload.objects.get(pk=upload.pk).file.name == upload.file.name


@pytest.mark.parametrize("name", ["Png", "png", "Image", "Deleted"])
def test_the_ending_of_a_file_is_no_name(erase_user, name):
    user = UserFactory(name=name)
    upload = UploadFactory(uploaded_by=user)
    ProjectFactory(image=upload)

    assert erase_user(user)
    assert Upload.objects.get(pk=upload.pk).file.name == upload.file.name


@pytest.mark.parametrize("name", ["zoe@example.org.png", "../zoe@example.org.png", "/tmp/zoe@example.org.png"])
def test_a_name_without_a_file_is_replaced(name):
    UploadFactory()
    upload = UploadFactory()
    Upload.objects.filter(pk=upload.pk).update(file=name)

    rename_file(upload.pk, timezone.now())

    assert "zoe" not in Upload.objects.get(pk=upload.pk).file.name
    assert not uploads.marked_for_removal().exists()


def test_where_the_storage_is_not_there_nothing_is_renamed(tmp_path):
    upload = stored_as("zoe@example.org.png")
    folder = default_storage.location
    Path(folder).rename(tmp_path / "elsewhere")

    with pytest.raises(uploads.StorageUnreachable), transaction.atomic():
        rename_file(upload.pk, timezone.now())

    assert Upload.objects.get(pk=upload.pk).file.name == upload.file.name
    (tmp_path / "elsewhere").rename(folder)
    assert content_of(upload.file.name)
