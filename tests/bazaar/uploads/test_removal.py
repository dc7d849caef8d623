"""The steps of a removal: candidates, mark, files, rows; and that each looks again at what is used."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from bazaar.models import Upload, User
from bazaar.uploads import removal
from bazaar.uploads.files import marked_for_removal
from bazaar.uploads.removal import Marked, delete_files_of, mark_for_removal, orphans, remove
from tests.factories import ProjectFactory, UploadFactory, UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 1, tzinfo=UTC)


def made_at(moment):
    upload = UploadFactory()
    Upload.objects.filter(pk=upload.pk).update(created_at=moment)
    return upload


def mark(*uploads, **options):
    with transaction.atomic():
        return mark_for_removal([upload.pk for upload in uploads], AT, **options)


def test_an_orphan_is_older_than_the_moment_unused_and_not_marked():
    old = made_at(AT - timedelta(microseconds=1))
    made_at(AT)
    marked, shown = made_at(AT - timedelta(days=9)), made_at(AT - timedelta(days=9))
    mark(marked)
    ProjectFactory(image=shown)

    assert list(orphans(AT)) == [old]


def test_what_is_used_meanwhile_is_not_marked():
    used, avatar, unused = UploadFactory(), UploadFactory(), UploadFactory()
    ProjectFactory(image=used), UserFactory(avatar=avatar)

    assert mark(used, avatar, unused) == Marked(marked=1, in_use=2)
    assert list(marked_for_removal()) == [unused]
    assert mark(unused) == Marked(0, 0), "a mark is set once"


def test_those_who_are_erased_do_not_count_as_users():
    upload = UploadFactory()
    user = UserFactory(avatar=upload)
    assert mark(upload) == Marked(0, 1)

    with transaction.atomic():
        found = removal.unreferenced(Upload.objects.filter(pk=upload.pk), except_by=[user.pk])
        assert list(found) == [upload]
        User.objects.filter(pk=user.pk).update(avatar=None)
        assert mark_for_removal([upload.pk], AT, except_by=[user.pk]) == Marked(1, 0)


def test_files_go_and_then_rows():
    upload, other = UploadFactory(), UploadFactory()
    mark(upload)

    seen = delete_files_of(marked_for_removal())
    assert not default_storage.exists(upload.file.name)
    assert Upload.objects.filter(pk=upload.pk).exists()

    with transaction.atomic():
        removed = remove(marked_for_removal(), seen)

    assert (removed.gone, removed.missing, removed.size, removed.failed) == (1, 0, upload.size, {})
    assert list(Upload.objects.all()) == [other]
    assert default_storage.exists(other.file.name)


def test_both_steps_go_in_one():
    mark(UploadFactory(), UploadFactory())

    with transaction.atomic():
        assert remove(marked_for_removal()).gone == 2


def test_a_missing_file_counts_no_bytes():
    upload = UploadFactory()
    mark(upload)
    default_storage.delete(upload.file.name)
    UploadFactory()  # a storage that is empty would be one that is not there

    with transaction.atomic():
        removed = remove(marked_for_removal())

    assert (removed.gone, removed.missing, removed.size) == (1, 1, 0)


def test_a_row_whose_file_stays_stays(refuse_to_delete):
    upload, other = UploadFactory(), UploadFactory()
    mark(upload, other)
    refuse_to_delete(upload.file.name)

    with transaction.atomic():
        removed = remove(marked_for_removal())

    assert (removed.gone, removed.failed) == (1, {upload.pk: removal.NOT_REMOVED})
    assert list(Upload.objects.all()) == [upload]


def test_nothing_to_remove_is_no_error():
    assert mark() == Marked(0, 0)
    with transaction.atomic():
        assert remove(marked_for_removal()).gone == 0
