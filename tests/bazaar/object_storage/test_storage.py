"""The storage class of a bucket: files are private, no file replaces another, and no request waits for ever."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

from tests.object_store import BUCKET, KEY, SECRET


def test_a_file_is_stored_read_and_removed(bucket):
    name = default_storage.save("a b+c%20ä.png", ContentFile(b"123"))

    with default_storage.open(name) as file:
        assert file.read() == b"123"
    assert bucket.list_objects_v2(Bucket=BUCKET)["Contents"][0]["Key"] == "a b+c%20ä.png"
    default_storage.delete(name)
    assert not default_storage.exists(name)


def test_no_file_replaces_another(bucket):
    assert default_storage.save("a.png", ContentFile(b"1")) != default_storage.save("a.png", ContentFile(b"2"))


def test_a_prefix_is_before_each_key(bucket, object_store, use_bucket):
    use_bucket(object_store.url(f"{BUCKET}/site/one"))
    default_storage.save("a.png", ContentFile(b"1"))

    assert bucket.list_objects_v2(Bucket=BUCKET)["Contents"][0]["Key"] == "site/one/a.png"


def test_requests_end(bucket):
    config = storages["default"].client_config

    assert config.connect_timeout <= 10
    assert config.read_timeout <= 30
    assert config.retries == {"mode": "standard", "total_max_attempts": 5}


@pytest.mark.parametrize("show", [repr, str, lambda storage: repr(vars(storage)["client_config"])])
def test_no_form_of_it_has_the_credentials(bucket, show):
    shown = show(storages["default"])

    assert KEY not in shown
    assert SECRET not in shown


def test_a_busy_store_is_asked_again(bucket, object_store, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    answers = iter([(503, "SlowDown"), (503, "SlowDown"), (500, "InternalError")])
    object_store.fault = lambda _kind, _path: next(answers, None)

    name = default_storage.save("a.png", ContentFile(b"1"))

    assert default_storage.exists(name)


def test_a_key_of_the_address_does_not_take_the_token_of_the_environment(bucket, use_bucket, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of another key")
    use_bucket()

    assert storages["default"].security_token is None


def test_without_a_key_that_of_the_environment_is_taken(object_store, use_bucket, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "environment")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    use_bucket(f"s3+http://127.0.0.1:{object_store.port}/{BUCKET}")

    credentials = storages["default"]._create_session().get_credentials()
    assert (credentials.access_key, credentials.secret_key) == ("environment", "secret")
