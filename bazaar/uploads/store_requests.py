"""Requests to an object store: what its errors mean, many at a time, and some that may not take long."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from bazaar.uploads.errors import BucketUnusable

T = TypeVar("T")

AT_A_TIME = 8
SERVER_ERROR = 500
PROBE = {"connect_timeout": 2, "read_timeout": 3, "retries": {"mode": "standard", "total_max_attempts": 1}}
NOT_IN_BULK = {"NotImplemented", "MethodNotAllowed", "MissingContentMD5", "InvalidRequest", "MalformedXML", "BadDigest"}
"""Answers of a store that does not take the deletion of many objects, or not of these."""


def probing_client(storage: Any) -> Any:
    from botocore.config import Config

    return storage._create_session().client(
        "s3",
        region_name=storage.region_name,
        use_ssl=storage.use_ssl,
        endpoint_url=storage.endpoint_url,
        verify=storage.verify,
        config=storage.client_config.merge(Config(**PROBE)),
    )


@contextmanager
def answers() -> Iterator[None]:
    """Raise `BucketUnusable` for any error of the store, without its text: that can quote a key."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER_ERROR)
        code = str(error.response.get("Error", {}).get("Code", ""))
        raise BucketUnusable(code, is_refusal=status < SERVER_ERROR or code in NOT_IN_BULK) from None
    except BotoCoreError as error:
        raise BucketUnusable(type(error).__name__) from None


def in_parallel(act: Callable[[Any], T], items: Iterable[Any]) -> list[T]:
    """Do something with each item; the first error ends it, and no other is begun."""
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        return list(pool.map(act, items))
    finally:
        pool.shutdown(cancel_futures=True)
