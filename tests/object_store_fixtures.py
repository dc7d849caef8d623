"""A bucket of the test's own, as the uploads storage."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.object_store import BUCKET, ObjectStore, running


@pytest.fixture(scope="session")
def _object_store() -> Iterator[ObjectStore]:
    with running() as store:
        yield store


@pytest.fixture
def object_store(_object_store: ObjectStore) -> Iterator[ObjectStore]:
    """The server, without a bucket."""
    from moto.backends import get_backend

    for account in get_backend("s3").values():
        account.reset()
    _object_store.fault = None
    _object_store.requests.clear()
    yield _object_store
    _object_store.fault = None


@pytest.fixture
def use_bucket(object_store: ObjectStore, settings: Any) -> Callable[..., None]:
    """Let the uploads storage be the one that an address names."""
    from bazaar import services

    def use(url: str = "") -> None:
        settings.STORAGES = settings.STORAGES | {"default": services.storage(url or object_store.url())}

    return use


@pytest.fixture
def bucket(object_store: ObjectStore, use_bucket: Callable[..., None]) -> Any:
    """The uploads storage: an empty bucket; what it returns is a client of the store."""
    client = object_store.client()
    client.create_bucket(Bucket=BUCKET)
    use_bucket()
    object_store.requests.clear()
    return client
