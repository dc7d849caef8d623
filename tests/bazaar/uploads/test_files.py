"""Files of condemned uploads go, others stay, and nothing outside the storage is touched."""

import logging
import os

import pytest
from django.utils import timezone

from bazaar.models import Upload
from bazaar.uploads import marked_for_removal, remove
from tests.factories import ProjectFactory, UploadFactory

pytestmark = pytest.mark.django_db


def condemn(upload, **fields):
    Upload.objects.filter(pk=upload.pk).update(condemned_at=timezone.now(), **fields)
    return upload


def remove_condemned():
    """Return how many rows went, how many of them had no file, and the keys of those that stay."""
    removed = remove(marked_for_removal())
    return removed.gone, removed.missing, list(removed.failed)


@pytest.fixture
def condemned():
    return condemn(UploadFactory())


def test_the_file_goes_and_then_the_row(condemned, uploads):
    other = UploadFactory()

    assert remove_condemned() == (1, 0, [])

    assert [file.name for file in uploads.iterdir()] == [other.file.name]
    assert list(Upload.objects.all()) == [other]


def test_a_file_that_is_gone_already_is_no_error(condemned, uploads):
    (uploads / condemned.file.name).unlink()

    assert remove_condemned() == (1, 1, [])
    assert not Upload.objects.exists()


def test_what_cannot_be_removed_keeps_its_row_and_is_tried_again(
    condemned, uploads, refuse_to_delete, monkeypatch, caplog
):
    others = [condemn(UploadFactory()) for _ in range(3)]
    refuse_to_delete(condemned.file.name)
    with caplog.at_level(logging.ERROR):
        assert remove_condemned() == (len(others), 0, [condemned.pk])
    assert list(Upload.objects.all()) == [condemned]
    assert f"upload {condemned.pk}" in caplog.text

    monkeypatch.undo()
    assert remove_condemned() == (1, 0, [])


def test_a_file_that_another_process_removes_is_missing(condemned, monkeypatch):
    unlink = os.unlink

    def unlink_twice(path):
        unlink(path)
        unlink(path)

    monkeypatch.setattr(os, "unlink", unlink_twice)

    assert remove_condemned() == (1, 1, [])
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "name", ["../outside.txt", "sub/../../outside.txt", "..\\outside.txt", "C:\\outside.txt", ".", ""]
)
def test_a_name_that_could_lead_out_is_never_followed(name, condemned, uploads):
    outside = uploads.parent / "outside.txt"
    outside.write_text("x")
    condemn(condemned, file=name)

    assert remove_condemned() == (0, 0, [condemned.pk])
    assert outside.exists()
    assert Upload.objects.get().condemned_at


def test_an_absolute_name_is_never_followed_even_into_the_storage(condemned, uploads):
    path = uploads / condemned.file.name
    condemn(condemned, file=str(path))

    assert remove_condemned() == (0, 0, [condemned.pk])
    assert path.exists()


def test_a_link_that_leads_out_is_never_followed(uploads):
    outside = uploads.parent / "elsewhere"
    outside.mkdir()
    (outside / "file.txt").write_text("x")
    (uploads / "folder").symlink_to(outside)
    (uploads / "link.txt").symlink_to(outside / "file.txt")
    through = [condemn(UploadFactory(), file=name) for name in ("folder/file.txt", "link.txt", "folder")]

    assert remove_condemned() == (0, 0, [upload.pk for upload in through])
    assert (outside / "file.txt").exists()
    assert (uploads / "link.txt").is_symlink()


def test_a_folder_is_not_a_file(condemned, uploads):
    (uploads / "folder").mkdir()
    condemn(condemned, file="folder")

    assert remove_condemned() == (0, 0, [condemned.pk])
    assert (uploads / "folder").exists()


def test_what_something_shows_is_not_removed(uploads):
    shown, shared = UploadFactory(), UploadFactory()
    ProjectFactory(image=shown)
    twin = condemn(UploadFactory(), file=shared.file.name)
    condemn(shown)

    assert remove_condemned() == (1, 0, [shown.pk])
    assert not Upload.objects.filter(pk=twin.pk).exists()
    assert {shown.file.name, shared.file.name} <= {file.name for file in uploads.iterdir()}
