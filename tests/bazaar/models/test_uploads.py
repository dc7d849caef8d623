"""Uploads, and the names of their files."""

import re
from io import BytesIO
from pathlib import PurePath

import pytest
from django.core.files.storage import default_storage

from bazaar.models import Upload
from bazaar.pictures import cleaned
from tests.factories import PNG, ProjectFactory, UploadFactory

pytestmark = pytest.mark.django_db


MARKER = "zaphod"


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


def test_saving_a_copy_that_was_read_before_brings_no_old_marker_back():
    upload = UploadFactory()
    project = ProjectFactory(image=upload)
    copy = Upload.objects.get()
    assert copy.in_use
    project.delete()

    copy.mime_type = "image/gif"
    copy.save()

    upload.refresh_from_db()
    assert (upload.mime_type, upload.in_use) == ("image/gif", False)
