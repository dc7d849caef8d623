"""Pictures of the community: real files in the storage, and the three ways in which one is left behind."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from bazaar.demo import pictures
from bazaar.demo.builder import Builder
from bazaar.models import Upload, User
from bazaar.uploads.removal import orphans

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def builder():
    builder = Builder(seed=1, scale=0.1, now=NOW)
    builder.users = [User(email="ann@example.org", name="Ann Smith", created_at=NOW - timedelta(days=900))]
    User.objects.bulk_create(builder.users)
    return builder


@pytest.mark.parametrize("size", pictures.SIZES)
def test_a_drawing_is_a_picture_of_its_size(size):
    image = Image.open(BytesIO(pictures.draw(pictures.COLOURS[0], size)))

    assert (image.format, image.size) == ("PNG", (size, size))


def test_an_upload_has_its_file_and_tells_its_size(builder):
    upload = pictures.new_upload(builder, builder.users[0], NOW, "portrait.png")

    assert upload.pk is None
    assert upload.original_name == "portrait.png"
    assert upload.size == default_storage.size(upload.file.name)
    assert builder.files == [upload.file.name]


def test_a_file_of_nobody_is_named_like_those_of_a_camera(builder):
    assert pictures._client_name(builder, None).startswith("IMG_")
    names = {pictures._client_name(builder, SimpleNamespace(name="Ann Smith")) for _ in range(30)}
    assert any(name.startswith("ann-smith-") for name in names)


def test_some_pictures_are_left_behind_in_each_way(builder):
    pictures.forget_pictures(builder)

    rows = {upload.file.name for upload in Upload.objects.all()}
    files = {name for name in rows if default_storage.exists(name)}
    assert len(rows - files) == 1, "a row without its file"
    assert len(set(builder.files) - rows) >= 2, "files without a row"
    old = orphans(NOW - timedelta(days=30))
    assert 0 < old.count() < Upload.objects.count(), "old ones, and young ones"
    assert Upload.objects.filter(uploaded_by=None).exists()
    before = NOW - timedelta(days=30)
    strays = set(builder.files) - rows
    assert all(default_storage.get_modified_time(name) < before for name in strays)
