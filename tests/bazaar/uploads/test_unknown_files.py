"""Files that no row knows: which they are, page by page, and what is never looked at."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from bazaar.models import Upload
from bazaar.uploads import unknown_files
from bazaar.uploads.storage import StorageUnreachable
from bazaar.uploads.unknown_files import RemovedFiles, StoredFile, remove_unknown, stored_names, unknown
from tests.factories import UploadFactory

pytestmark = pytest.mark.django_db

LATER = datetime(2100, 1, 1, tzinfo=UTC)


def save(*names):
    for name in names:
        assert default_storage.save(name, ContentFile(b"123")) == name


def names(page=1_000):
    return [sorted(part) for part in stored_names(page)]


def test_an_empty_storage_has_no_names():
    assert names() == []


def test_names_are_of_all_folders_and_without_what_the_program_cannot_have_made(uploads):
    save("a.png", "sub/b.png", "sub/deep/c.png")
    (uploads / ".hidden").write_text("x")
    (uploads / ".folder").mkdir()
    (uploads / ".folder" / "d.png").write_text("x")
    (uploads / "tab\there.png").write_text("x")

    assert names() == [["a.png", "sub/b.png", "sub/deep/c.png"]]


@pytest.mark.parametrize(("page", "sizes"), [(1, [1, 1, 1]), (2, [2, 1]), (3, [3]), (4, [3])])
def test_names_come_a_page_at_a_time(page, sizes):
    save("a", "b", "c")

    assert [len(part) for part in names(page)] == sizes


def test_links_are_not_followed(uploads, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("x")
    (uploads / "link").symlink_to(outside)
    (uploads / "file").symlink_to(outside / "secret.txt")

    assert names() == [["file"]]
    assert unknown(["file"], LATER) == []


def test_a_storage_that_is_gone_is_told_only_where_uploads_are_kept(uploads):
    UploadFactory()
    for path in uploads.iterdir():
        path.unlink()
    uploads.rmdir()

    with pytest.raises(StorageUnreachable):
        names()

    Upload.objects.all().delete()
    assert names() == []


def test_a_storage_that_cannot_be_read_is_an_error(monkeypatch):
    def refuse(_storage, _folder):
        raise PermissionError

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.listdir", refuse)

    with pytest.raises(StorageUnreachable):
        names()


def test_a_folder_that_cannot_be_read_is_logged_and_left_out(monkeypatch, caplog):
    save("a", "sub/b")
    listdir = type(default_storage._wrapped).listdir

    def refuse(storage, folder):
        if folder == "sub":
            raise PermissionError
        return listdir(storage, folder)

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.listdir", refuse)

    assert names() == [["a"]]
    assert [record.getMessage() for record in caplog.records] == [
        "A folder of the uploads storage could not be listed; its files are not looked at."
    ]


def test_only_old_files_that_no_row_knows_are_unknown(uploads):
    known, marked = UploadFactory(), UploadFactory(condemned_at=timezone.now())
    save("old.png", "young.png")
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for name, at in (("old.png", moment - timedelta(seconds=1)), ("young.png", moment)):
        os.utime(uploads / name, (at.timestamp(), at.timestamp()))

    assert unknown(["old.png", "young.png", "gone.png", known.file.name, marked.file.name], moment) == [
        StoredFile("old.png", 3)
    ]


def test_a_file_that_is_known_now_is_not_removed():
    save("a.png", "b.png")
    files = unknown(["a.png", "b.png"], LATER)
    Upload.objects.create(file="a.png", mime_type="image/png", size=3)

    assert remove_unknown(files, LATER) == RemovedFiles(gone=1, size=3)
    assert default_storage.exists("a.png")
    assert not default_storage.exists("b.png")


def test_a_file_that_cannot_be_removed_keeps_no_other(refuse_to_delete, caplog):
    save("ann-smith.png", "b.png")
    refuse_to_delete("ann-smith.png")

    removed = remove_unknown(unknown(["ann-smith.png", "b.png"], LATER), LATER)

    assert (removed.gone, removed.size, list(removed.failed.values())) == (1, 3, [unknown_files.NOT_REMOVED])
    assert "ann-smith" not in f"{removed.failed} {[record.getMessage() for record in caplog.records]}"


def test_a_file_that_cannot_be_looked_at_stays(monkeypatch, caplog):
    save("ann-smith.png")

    def refuse(_storage, _name):
        raise OSError

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.get_modified_time", refuse)

    assert unknown(["ann-smith.png"], LATER) == []
    assert "ann-smith" not in caplog.records[0].getMessage()


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [
        ("0f8fad5b-d9cb-469f-a165-70867728950e.png", True),
        ("0f8fad5b-d9cb-469f-a165-70867728950e", True),
        ("ann-smith.png", False),
        ("sub/0f8fad5b-d9cb-469f-a165-70867728950e.png", False),
        ("0f8fad5b-d9cb-469f-a165-70867728950e.ann-smith", False),
    ],
)
def test_only_a_random_name_is_shown(name, is_shown):
    shown = str(StoredFile(name, 1))

    assert (shown == name) is is_shown
    assert "ann" not in shown
