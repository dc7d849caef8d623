"""The job on a bucket: a night's report asks for no single object, and a bucket that is not there fails the run."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bazaar.models import Upload
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.factories import UploadFactory, UserFactory
from tests.object_store import BUCKET

pytestmark = pytest.mark.django_db
NAME = "cleanup-orphaned-files"


def run(**options):
    return run_now(NAME, now=timezone.now() + timedelta(days=31), **options)


def test_a_night_sends_a_listing_and_nothing_for_each_object(bucket, object_store):
    kept = [UserFactory(avatar=UploadFactory()) for _ in range(30)]
    bucket.put_object(Bucket=BUCKET, Key="unknown.png", Body=b"123")
    object_store.requests.clear()

    result = run()

    assert result.success, result.message
    assert result.details["counts"]["unknown_files"] == 1
    assert object_store.requests["HEAD object"] == 0
    assert object_store.requests.total() < len(kept) / 5


def test_orphans_and_unknown_files_go(bucket):
    UserFactory(avatar=UploadFactory())
    for _ in range(3):
        UploadFactory()
    bucket.put_object(Bucket=BUCKET, Key="unknown.png", Body=b"123")

    result = run(options=["sweep"], confirm_count=10)

    assert result.success, result.message
    assert JobRun.objects.get(pk=result.run_id).items_done == 4
    assert bucket.list_objects_v2(Bucket=BUCKET)["KeyCount"] == Upload.objects.count() == 1


def test_a_bucket_that_does_not_exist_fails_the_run(object_store, use_bucket, bucket):
    UploadFactory(condemned_at=timezone.now())
    use_bucket(object_store.url("no-such-bucket"))

    result = run()

    assert (result.status, JobRun.objects.get(pk=result.run_id).items_done) == ("failed", 0)
    assert "NoSuchBucket" in result.message
    assert Upload.objects.count() == 1
    use_bucket()
    assert run().success
    assert not Upload.objects.exists()
