"""A bucket as the uploads storage, on a real server: what is removed, listed and refused, by how many requests."""

from datetime import UTC, datetime

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.utils import timezone

from bazaar.models import Upload
from bazaar.uploads import StorageUnreachable, marked_for_removal, remove, unknown_files
from bazaar.uploads.bucket import bucket_of
from tests.factories import UploadFactory
from tests.object_store import BUCKET, KEY, SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bucket")]

LATER = datetime(2100, 1, 1, tzinfo=UTC)
ODD = ["a b.png", "a+b.png", "a%20b.png", "é.png", "e\u0301.png", "a&<b>'\".png", "ß/日本.png", "a\tb.png", "a\rb.png"]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    """The client waits between two attempts."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)


def keys(client):
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return {entry["Key"] for page in pages for entry in page.get("Contents", ())}


def put(client, *names, bucket=BUCKET):
    for name in names:
        client.put_object(Bucket=bucket, Key=name, Body=b"123")


def marked(count=3):
    return [UploadFactory(condemned_at=timezone.now()) for _ in range(count)]


def storage_bucket():
    return bucket_of(storages["default"])


def test_files_and_rows_go_and_are_counted_by_what_was_there(bucket, object_store):
    kept, uploads = UploadFactory(), marked()
    bucket.delete_object(Bucket=BUCKET, Key=uploads[0].file.name)
    object_store.requests.clear()

    removed = remove(marked_for_removal())

    assert (removed.gone, removed.missing, removed.size) == (3, 1, uploads[1].size * 2)
    assert object_store.requests == {"HEAD object": 3, "POST delete": 1, "GET versioning": 1, "GET bucket": 1}
    assert keys(bucket) == {kept.file.name}


@pytest.mark.parametrize("name", ODD)
def test_a_file_of_any_name_goes_and_no_other(bucket, name):
    others = {other for other in ODD if other != name} | {f"{name}2"}
    put(bucket, name, *others)

    assert storage_bucket().remove([name, name]) == [True, False]
    assert keys(bucket) == others


def test_names_that_lead_out_are_not_removed(bucket, object_store, use_bucket):
    put(bucket, "a.png", "site/a.png")
    use_bucket(object_store.url(f"{BUCKET}/site"))
    for name in ("../a.png", "/a.png", "site/../../a.png"):
        upload = UploadFactory(condemned_at=timezone.now())
        Upload.objects.filter(pk=upload.pk).update(file=name)
    UploadFactory()

    assert len(remove(marked_for_removal()).failed) == 3
    assert {"a.png", "site/a.png"} <= keys(bucket)


def test_a_bucket_that_does_not_exist_has_lost_nothing(object_store, use_bucket):
    uploads = marked()
    use_bucket(object_store.url("no-such-bucket"))

    with pytest.raises(StorageUnreachable, match="NoSuchBucket"):
        remove(marked_for_removal())
    with pytest.raises(StorageUnreachable, match="NoSuchBucket"):
        list(unknown_files.stored_names())

    assert Upload.objects.count() == len(uploads)


def test_another_bucket_has_lost_nothing(bucket, object_store, use_bucket):
    marked(1)
    UploadFactory()
    bucket.create_bucket(Bucket="another")
    use_bucket(object_store.url("another"))

    with pytest.raises(StorageUnreachable, match="is empty"):
        remove(marked_for_removal())


def test_a_listing_has_age_and_size_and_nobody_asks_for_them_again(bucket, object_store):
    UploadFactory()
    put(bucket, "b.png", "sub/c.png")
    object_store.requests.clear()

    names = [name for page in unknown_files.stored_names() for name in page]
    found = unknown_files.unknown(names, LATER)

    assert sorted((file.name, file.size) for file in found) == [("b.png", 3), ("sub/c.png", 3)]
    assert unknown_files.unknown(names, datetime(2000, 1, 1, tzinfo=UTC)) == []
    assert object_store.requests == {"GET bucket": 1}

    assert unknown_files.remove_unknown(found, LATER).gone == 2
    assert object_store.requests == {"GET bucket": 1, "GET versioning": 1, "POST delete": 1}


def test_more_keys_than_one_page_are_listed_and_removed(bucket, object_store):
    object_store.put(f"{number:04}.png" for number in range(1_203))

    pages = list(unknown_files.stored_names())
    assert [len(page) for page in pages] == [1_000, 203]
    removed = [unknown_files.remove_unknown(unknown_files.unknown(page, LATER), LATER).gone for page in pages]

    assert removed == [1_000, 203]
    assert object_store.requests["HEAD object"] == 0
    assert object_store.requests["POST delete"] == 2
    assert keys(bucket) == set()


def test_what_the_storage_cannot_name_is_left_alone(bucket, object_store, use_bucket):
    left = {"a//b.png", "folder/", ".hidden", "a/.b/c", "./d.png", "x\\y.png", "a\tb.png", "e/../f.png"}
    put(bucket, *left, "ours.png")

    assert [*unknown_files.stored_names()] == [["ours.png"]]


def test_only_keys_below_the_prefix_are_listed(bucket, object_store, use_bucket):
    put(bucket, "a.png", "site/b.png", "site2/c.png")
    use_bucket(object_store.url(f"{BUCKET}/site"))

    assert [*unknown_files.stored_names()] == [["b.png"]]
    assert unknown_files.remove_unknown(unknown_files.unknown(["b.png"], LATER), LATER).gone == 1
    assert keys(bucket) == {"a.png", "site2/c.png"}


def test_a_store_without_bulk_deletion_is_asked_for_each(bucket, object_store):
    put(bucket, "a.png", "b.png", "c.png")
    object_store.fault = lambda kind, _path: (501, "NotImplemented") if kind == "POST delete" else None

    assert storage_bucket().remove(["a.png", "b.png", "none.png"]) == [True, True, False]
    assert keys(bucket) == {"c.png"}


def test_one_file_that_is_refused_keeps_no_other(bucket, monkeypatch, caplog):
    put(bucket, "ann-smith.png", "b.png", "busy.png")
    adapter = storage_bucket()
    client = adapter._client
    errors = [{"Key": "ann-smith.png", "Code": "AccessDenied"}, {"Key": "busy.png", "Code": "SlowDown"}]

    def delete_objects(Bucket, Delete):  # noqa: N803 - the client's names
        client.delete_object(Bucket=Bucket, Key="b.png")
        return {"Errors": errors}

    monkeypatch.setattr(client, "delete_objects", delete_objects)

    assert adapter.remove(["ann-smith.png", "b.png", "busy.png"]) == [None, True, True]
    assert keys(bucket) == {"ann-smith.png"}
    assert "AccessDenied" in caplog.text
    assert "ann-smith" not in caplog.text


def test_a_file_that_the_store_refuses_to_tell_of_keeps_no_other(bucket, object_store):
    uploads = marked(2)
    UploadFactory()
    object_store.fault = lambda kind, path: (
        (403, "AccessDenied") if kind == "HEAD object" and path.endswith(uploads[0].file.name) else None
    )

    removed = remove(marked_for_removal())

    assert (removed.gone, [*removed.failed]) == (1, [uploads[0].pk])


@pytest.mark.parametrize(
    ("status", "code"), [(400, "ExpiredToken"), (403, "InvalidAccessKeyId"), (503, "SlowDown"), (403, "AccessDenied")]
)
@pytest.mark.parametrize("after", [0, 1, 3])
def test_credentials_that_expire_fail_the_run_and_nothing_is_said_to_be_gone(bucket, object_store, status, code, after):
    uploads, requests = marked(3), iter(range(10_000))
    object_store.fault = lambda _kind, _path: (status, code) if next(requests) >= after else None

    with pytest.raises(StorageUnreachable) as told:
        remove(marked_for_removal())

    object_store.fault = None
    assert KEY not in str(told.value)
    assert SECRET not in str(told.value)
    assert "example.org" not in str(told.value)
    assert Upload.objects.count() == 3
    assert keys(bucket) == {upload.file.name for upload in uploads}


def test_a_listing_that_breaks_off_is_a_failure(bucket, object_store):
    put(bucket, "a", "b", "c")
    pages = unknown_files.stored_names(1)
    assert next(pages) == ["a"]
    object_store.fault = lambda _kind, _path: (400, "ExpiredToken")

    with pytest.raises(StorageUnreachable, match="ExpiredToken"):
        list(pages)


def test_a_server_that_is_not_there_is_a_failure(use_bucket):
    marked(1)
    use_bucket(f"s3+http://{KEY}:secret@127.0.0.1:1/{BUCKET}")

    with pytest.raises(StorageUnreachable, match="EndpointConnectionError"):
        remove(marked_for_removal())


def test_all_versions_of_a_file_go(bucket):
    bucket.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    put(bucket, "a.png", "a.png", "a.png.bak", "b.png")
    bucket.delete_object(Bucket=BUCKET, Key="a.png")
    assert len(versions(bucket)) == 5

    assert storage_bucket().remove(["a.png", "b.png", "none.png"]) == [True, True, False]
    assert versions(bucket) == ["a.png.bak"]


def versions(client):
    told = client.list_object_versions(Bucket=BUCKET)
    return [entry["Key"] for entry in [*told.get("Versions", ()), *told.get("DeleteMarkers", ())]]


def test_unknown_files_go_with_all_versions(bucket):
    bucket.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    put(bucket, "a.png", "a.png")
    default_storage.save("kept.png", ContentFile(b"1"))
    [page] = unknown_files.stored_names()

    removed = unknown_files.remove_unknown(unknown_files.unknown([page[0]], LATER), LATER)

    assert (removed.gone, removed.size) == (1, 3)
    assert versions(bucket) == ["kept.png"]
