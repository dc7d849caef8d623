"""The uploads storage as a bucket of an object store, by requests that the storage API does not have.

A listing tells age and size of each object, and one request deletes a thousand. In a bucket that keeps versions, a
deleted file would stay as an older version: all of its versions are deleted. This file deletes people's files.
"""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import Storage

from bazaar.uploads.errors import BucketUnusable, word
from bazaar.uploads.store_requests import NOT_IN_BULK, answers, in_parallel, probing_client

logger = logging.getLogger(__name__)

MOST = 1_000
"""Objects of one request: the API has no more."""
BUSY = {"InternalError", "ServiceUnavailable", "SlowDown"}
GONE = {"NoSuchKey", "NoSuchVersion", "404"}

T = TypeVar("T")
Object = dict[str, str]
"""An object as a deletion names it: `Key`, and `VersionId` where there are versions."""


class ListedName(str):
    """A name as a listing tells it, with age and size: nobody has to ask for them again."""

    __slots__ = ("modified", "size")
    modified: datetime
    size: int

    @classmethod
    def of(cls, name: str, modified: datetime, size: int) -> "ListedName":
        listed = cls(name)
        listed.modified, listed.size = modified, size
        return listed


def bucket_of(storage: Storage, *, is_probe: bool = False) -> "Bucket | None":
    """Return the bucket of a storage, or `None` where it is none. A probe gives up after a few seconds."""
    module = sys.modules.get("storages.backends.s3")  # what is not imported has no objects
    if module is None or not isinstance(storage, module.S3Storage):
        return None
    return Bucket(storage, is_probe=is_probe)


class Bucket:
    """A bucket; each method raises `BucketUnusable` where it does not answer, or refuses as a whole.

    Have one for some files at a time, not for long: it asks only once whether the bucket keeps versions.
    """

    def __init__(self, storage: Any, *, is_probe: bool = False) -> None:
        self._storage = storage
        self._bucket = {"Bucket": storage.bucket_name}
        with answers():
            # One for all threads: to make one takes longer than many requests.
            self._client = probing_client(storage) if is_probe else storage.connection.meta.client
        location = storage._normalize_name("").rstrip("/")
        self._prefix = f"{location}/" if location else ""

    def is_empty(self) -> bool:
        """Return whether nothing is in it. Of a bucket that does not exist, each single object is merely missing."""
        with answers():
            return not self._client.list_objects_v2(**self._bucket, Prefix=self._prefix, MaxKeys=1)["KeyCount"]

    @cached_property
    def keeps_versions(self) -> bool | None:
        """Whether a deleted object stays as an older version; `None` where the store does not tell."""
        return self._told(lambda: bool(self._client.get_bucket_versioning(**self._bucket).get("Status")))

    def ends_versions(self) -> bool:
        """Return whether a rule of the bucket deletes older versions of all objects after some time."""
        rules = self._told(lambda: self._client.get_bucket_lifecycle_configuration(**self._bucket)["Rules"]) or []
        return any(self._ends_all(rule) for rule in rules)

    def _ends_all(self, rule: dict[str, Any]) -> bool:
        prefix = rule.get("Filter", {}).get("Prefix", rule.get("Prefix", ""))
        is_whole = self._prefix.startswith(prefix) and not rule.get("Filter", {}).keys() - {"Prefix"}
        return rule["Status"] == "Enabled" and "NoncurrentVersionExpiration" in rule and is_whole

    def listed(self, page: int) -> Iterator[list[ListedName]]:
        """Yield the names of all objects that the storage API can name, a page at a time."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            **self._bucket, Prefix=self._prefix, PaginationConfig={"PageSize": min(page, MOST)}
        )
        with answers():
            for answer in pages:
                found = [self._listed(entry) for entry in answer.get("Contents", ())]
                if names := [name for name in found if name is not None]:
                    yield names

    def _listed(self, entry: dict[str, Any]) -> ListedName | None:
        key = entry["Key"]
        name = key.removeprefix(self._prefix)
        is_named = name and not name.endswith("/") and self._key(name) == key
        return ListedName.of(name, entry["LastModified"], entry["Size"]) if is_named else None

    def _key(self, name: str) -> str:
        """Return the key of a name; a blank text for a name that leads out of the storage."""
        from storages.utils import clean_name

        try:
            return str(self._storage._normalize_name(clean_name(name)))
        except SuspiciousOperation:
            return ""

    def remove(self, names: Sequence[str], *, are_there: bool = False) -> list[bool | None]:
        """Delete files, with all versions that the bucket has; tell of each whether it was there, `None` if it stays.

        `are_there` says that they have just been listed, and spares a request for each.
        """
        keys = [self._key(name) for name in names]
        different = list(dict.fromkeys(filter(None, keys)))
        find = self._known if are_there and not self.keeps_versions else self._found
        found = dict(zip(different, in_parallel(find, different), strict=True))
        failed = self._delete([item for objects in found.values() for item in objects or ()])
        told = {key: None if objects is None or key in failed else bool(objects) for key, objects in found.items()}
        if None in told.values() and True not in told.values():
            self.is_empty()  # all is refused where the bucket cannot be used
        return [None if not key else told[key] and key not in keys[:place] for place, key in enumerate(keys)]

    def _known(self, key: str) -> list[Object]:
        return [{"Key": key}]

    def _found(self, key: str) -> list[Object] | None:
        """Return the objects with a key, which are all of its versions; `None` where the store refuses to tell."""
        try:
            with answers():
                if self.keeps_versions:
                    return list(self._versions(key))
                self._client.head_object(**self._bucket, Key=key)
                return [{"Key": key}]
        except BucketUnusable as error:
            if error.code in GONE:
                return []
            if not error.is_refusal:
                raise
            logger.error("The store does not tell of an object (%s).", error.code)  # noqa: TRY400 # its text has the key
            return None

    def _versions(self, key: str) -> Iterator[Object]:
        """Yield all versions of an object. Keys are listed in order: those that begin with it come after it."""
        pages = self._client.get_paginator("list_object_versions").paginate(**self._bucket, Prefix=key)
        for page in pages:
            entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            yield from ({"Key": key, "VersionId": entry["VersionId"]} for entry in entries if entry["Key"] == key)
            if any(entry["Key"] != key for entry in entries):
                return

    def _delete(self, objects: Sequence[Object]) -> set[str]:
        """Delete objects; return the keys of those that stay."""
        # XML cannot carry every character, and a reader of it changes others.
        failed = self._delete_singly([item for item in objects if not item["Key"].isprintable()])
        plain = [item for item in objects if item["Key"].isprintable()]
        for start in range(0, len(plain), MOST):
            failed |= self._delete_in_bulk(plain[start : start + MOST])
        return failed

    def _delete_in_bulk(self, objects: Sequence[Object]) -> set[str]:
        try:
            with answers():
                answer = self._client.delete_objects(**self._bucket, Delete={"Objects": objects, "Quiet": True})
        except BucketUnusable as error:
            if error.code not in NOT_IN_BULK:
                raise
            return self._delete_singly(objects)
        errors = [error for error in answer.get("Errors", ()) if error.get("Code") not in GONE]
        _log({error.get("Code", "") for error in errors} - BUSY)
        busy = {(error["Key"], error.get("VersionId", "")) for error in errors if error.get("Code") in BUSY}
        again = [item for item in objects if (item["Key"], item.get("VersionId", "")) in busy]
        return {error["Key"] for error in errors if error.get("Code") not in BUSY} | self._delete_singly(again)

    def _delete_singly(self, objects: Sequence[Object]) -> set[str]:
        gone = in_parallel(self._delete_one, objects)
        return {item["Key"] for item, is_gone in zip(objects, gone, strict=True) if not is_gone}

    def _delete_one(self, item: Object) -> bool:
        try:
            with answers():
                self._client.delete_object(**self._bucket, **item)
        except BucketUnusable as error:
            if not error.is_refusal:
                raise
            _log({error.code} - GONE)
            return error.code in GONE
        return True

    def _told(self, ask: Callable[[], T]) -> T | None:
        """Return what the bucket tells of itself; `None` where it does not."""
        try:
            with answers():
                return ask()
        except BucketUnusable as error:
            if not error.is_refusal:
                raise
            return None


def _log(codes: set[str]) -> None:
    if codes:
        logger.error("The store refuses to delete objects (%s).", ", ".join(sorted(map(word, codes))))
