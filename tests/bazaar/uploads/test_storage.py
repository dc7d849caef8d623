"""What is not on the disk was not removed: a storage that is not there is a failure, and nothing is marked as gone."""

import shutil

import pytest
from django.core.files.storage import InMemoryStorage, default_storage
from django.utils import timezone

from bazaar.models import Upload
from bazaar.uploads import StorageUnreachable, marked_for_removal, remove, unknown_files
from tests.factories import UploadFactory

pytestmark = pytest.mark.django_db


class NoSuchBucket(InMemoryStorage):
    """As a bucket that does not exist: of each file it says that it is not there."""

    def exists(self, name):
        return False

    def _save(self, name, content):
        raise OSError("NoSuchBucket")

    def listdir(self, path):
        raise OSError("NoSuchBucket")


@pytest.fixture
def marked():
    return [UploadFactory(condemned_at=timezone.now()) for _ in range(3)]


def test_a_folder_that_is_not_there_is_a_failure(marked, uploads):
    shutil.move(uploads, uploads.with_name("elsewhere"))

    with pytest.raises(StorageUnreachable):
        remove(marked_for_removal())
    with pytest.raises(StorageUnreachable):
        list(unknown_files.stored_names())

    assert Upload.objects.count() == 3
    shutil.move(uploads.with_name("elsewhere"), uploads)
    assert remove(marked_for_removal()).size == sum(upload.size for upload in marked)
    assert not Upload.objects.exists()


def test_an_empty_folder_while_uploads_are_kept_is_a_disk_that_is_not_mounted(marked, uploads):
    UploadFactory()
    shutil.rmtree(uploads)
    uploads.mkdir()

    with pytest.raises(StorageUnreachable):
        remove(marked_for_removal())

    assert Upload.objects.count() == 4


def test_a_bucket_that_does_not_exist_is_a_failure(marked, settings):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.NoSuchBucket"}}

    with pytest.raises(StorageUnreachable):
        remove(marked_for_removal())
    with pytest.raises(StorageUnreachable):
        list(unknown_files.stored_names())

    assert Upload.objects.count() == 3


def test_a_storage_elsewhere_that_is_there_may_miss_files(marked, settings):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}

    removed = remove(marked_for_removal())

    assert (removed.gone, removed.missing, removed.size) == (3, 3, 0)
    assert default_storage.listdir("")[1] == [], "the probe is gone"


def test_the_bytes_of_missing_files_are_not_counted(marked, uploads):
    other = UploadFactory()
    (uploads / marked[0].file.name).unlink()

    removed = remove(marked_for_removal())

    assert (removed.gone, removed.missing, removed.size) == (3, 1, 2 * marked[1].size)
    assert list(Upload.objects.all()) == [other]


def test_the_doctor_says_that_the_storage_is_not_there(uploads):
    from bazaar.checks import check_that_uploads_are_there

    assert check_that_uploads_are_there() == []
    UploadFactory()
    shutil.rmtree(uploads)

    assert [message.id for message in check_that_uploads_are_there()] == ["bazaar.W001"]
