"""The quickstart with uploads in an object store; what any command prints has no part of the credentials."""

import json

import pytest

from tests.bazaar.management.commands.test_quickstart import clone  # noqa: F401 - a fixture
from tests.object_store import BUCKET, KEY, SECRET

pytestmark = [pytest.mark.slow, pytest.mark.process]


def assert_secret(text):
    for part in (KEY, SECRET, "Tr0ub4dor"):
        assert part not in text


def test_it_works_with_a_bucket(clone, object_store):  # noqa: F811
    object_store.client().create_bucket(Bucket=BUCKET)

    out, err = clone("quickstart", "--scale", "0.1", STORAGE_URL=object_store.url(), LOG_LEVEL="DEBUG")

    assert_secret(out + err)
    [line] = [line for line in out.splitlines() if line.startswith("cleanup-orphaned-files ")]
    assert "Succeeded" in line
    assert object_store.requests["HEAD object"] < 100
    assert object_store.client().list_objects_v2(Bucket=BUCKET)["KeyCount"] > 5
    assert not list(clone.folder.glob("data/uploads/*"))


def test_a_bucket_that_does_not_exist_is_one_sentence(clone, object_store):  # noqa: F811
    url = object_store.url()

    out, err = clone("quickstart", "--scale", "0.1", status=78, STORAGE_URL=url, LOG_LEVEL="DEBUG")
    assert "NoSuchBucket" in err
    assert_secret(out + err)

    told = {}
    for command, status in (("check", 0), ("doctor", 1), ("jobs", 0), ("cleanup_orphaned_files", 1)):
        for form in ([], ["--json"]) if command != "check" else ([],):
            told[command] = "".join(clone(command, *form, status=status, STORAGE_URL=url, LOG_LEVEL="DEBUG"))
            assert_secret(told[command])
    assert "NoSuchBucket" in told["doctor"]
    assert "NoSuchBucket" in told["cleanup_orphaned_files"]
    assert json.loads(clone("doctor", "--json", status=1, STORAGE_URL=url)[0])


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_malformed_address_is_one_sentence(clone, form):  # noqa: F811
    url = f"s3://{KEY}:Tr0ub4dor/{SECRET}@host/uploads"

    out, err = clone("doctor", *form, status=78, STORAGE_URL=url, SECRET_KEY="k" * 60, LOG_LEVEL="DEBUG")

    assert "STORAGE_URL cannot be used" in out + err
    assert_secret(out + err)
