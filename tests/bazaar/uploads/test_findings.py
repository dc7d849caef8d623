"""What the doctor says about the bucket of the uploads."""

import pytest

from bazaar.uploads.findings import findings
from tests.factories import UploadFactory
from tests.object_store import BUCKET, KEY, SECRET

pytestmark = pytest.mark.django_db


def told():
    messages = findings()
    text = " ".join(f"{message.msg} {message.hint}" for message in messages)
    assert KEY not in text
    assert SECRET not in text
    return [message.id for message in messages]


def versioned(client, **rule):
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    if rule:
        rules = [{"ID": "a", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 7}, **rule}]
        client.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": rules})


def test_a_folder_needs_nothing(uploads):
    assert told() == []


def test_a_bucket_that_is_there_needs_nothing(bucket):
    assert told() == []
    UploadFactory()
    assert told() == []


def test_a_bucket_that_does_not_exist_is_told(object_store, use_bucket):
    use_bucket()

    assert told() == ["bazaar.W002"]
    assert "NoSuchBucket" in findings()[0].msg


def test_an_empty_bucket_is_told_while_uploads_are_kept(bucket):
    bucket.delete_object(Bucket=BUCKET, Key=UploadFactory().file.name)

    assert told() == ["bazaar.W002"]


@pytest.mark.parametrize(("status", "code"), [(400, "ExpiredToken"), (503, "SlowDown"), (403, "AccessDenied")])
def test_a_bucket_that_refuses_is_told_after_one_attempt(bucket, object_store, status, code):
    object_store.fault = lambda _kind, _path: (status, code)

    assert told() == ["bazaar.W002"]
    assert object_store.requests.total() == 1


def test_a_bucket_that_keeps_versions_is_told(bucket):
    versioned(bucket)

    assert told() == ["bazaar.W004"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"Filter": {"Prefix": ""}}, []),
        ({"Filter": {"Prefix": "other/"}}, ["bazaar.W004"]),
        ({"Filter": {"Prefix": ""}, "Status": "Disabled"}, ["bazaar.W004"]),
    ],
)
def test_a_rule_that_deletes_older_versions_of_all_is_enough(bucket, rule, expected):
    versioned(bucket, **rule)

    assert told() == expected


def test_a_bucket_that_does_not_tell_is_told(bucket, object_store):
    object_store.fault = lambda kind, _path: (403, "AccessDenied") if kind == "GET versioning" else None

    assert told() == ["bazaar.W003"]
