"""Remove the files of condemned uploads, and their rows after them. This file deletes people's files.

The row survives until its file is gone, so that a failed attempt is made again. Whatever a row says, nothing outside
the uploads storage is touched: names that could lead out, and symbolic links that do, are failures.
"""

import logging
import ntpath
import os
from dataclasses import dataclass

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, Storage
from django.db.models import QuerySet

from bazaar.erasure.rewrite import pages
from bazaar.models import Upload
from bazaar.references import unreferenced

logger = logging.getLogger(__name__)

FILES = 1_000
"""Uploads that are in memory at a time, and whose rows one statement deletes."""


@dataclass(frozen=True)
class Removal:
    """What became of condemned uploads: `missing` files had gone before, `failed` are the ids of those to try again."""

    removed: int = 0
    missing: int = 0
    failed: tuple[int, ...] = ()

    def __add__(self, other: "Removal") -> "Removal":
        return Removal(self.removed + other.removed, self.missing + other.missing, self.failed + other.failed)

    @property
    def gone(self) -> int:
        """Uploads whose row went."""
        return self.removed + self.missing


def condemned() -> QuerySet[Upload]:
    """Return the uploads whose file is to be removed."""
    return Upload.objects.filter(condemned_at__isnull=False)


def remove_condemned(uploads: QuerySet[Upload] | None = None, *, chunk: int = FILES) -> Removal:
    """Remove the files of those of `uploads` (default: all) that are condemned, then their rows.

    Call it after the transaction that condemned them has been committed. It can end anywhere: a file that is gone
    while its row is there counts as `missing` next time. Each upload is tried once; a failure is logged with its id.
    """
    result = Removal()
    rows = condemned() if uploads is None else uploads.filter(condemned_at__isnull=False)
    for page in pages(rows, ("file",), chunk):
        result += _remove_page(dict(page))
    return result


def _remove_page(names: dict[int, str]) -> Removal:
    storage: Storage = Upload._meta.get_field("file").storage
    needed = _still_needed(names)
    was_there = {pk: None if pk in needed else _try_to_unlink(storage, pk, name) for pk, name in names.items()}
    gone = [pk for pk, answer in was_there.items() if answer is not None]
    # By key and nothing else: the rows are condemned, and nobody can use them any more.
    Upload.objects.filter(pk__in=gone)._raw_delete(Upload.objects.db)
    removed = sum(1 for pk in gone if was_there[pk])
    return Removal(removed, len(gone) - removed, tuple(pk for pk in was_there if was_there[pk] is None))


def _still_needed(names: dict[int, str]) -> set[int]:
    """Return those that something shows, or whose file is another upload's too: neither should ever be so."""
    needed = names.keys() - set(unreferenced(Upload.objects.filter(pk__in=names)).values_list("pk", flat=True))
    shared = set(Upload.objects.filter(file__in=names.values(), condemned_at=None).values_list("file", flat=True))
    return needed | {pk for pk, name in names.items() if name in shared}


def _try_to_unlink(storage: Storage, pk: int, name: str) -> bool | None:
    """Remove a file; return whether it was there, or `None` where it could not be removed."""
    try:
        return unlink(storage, name)
    except Exception:  # whatever a storage raises: the others are to be removed nevertheless
        logger.exception("The file of condemned upload %s could not be removed.", pk)
        return None


def unlink(storage: Storage, name: str) -> bool:
    """Remove a file from the storage; return whether it was there. Raises for a name that could lead out of it."""
    _refuse_to_leave(storage, name)
    if not storage.exists(name):
        return False
    storage.delete(name)
    return True


def _refuse_to_leave(storage: Storage, name: str) -> None:
    # As text: pathlib interns every part of every path, and the interpreter's table of such strings never shrinks.
    parts = name.replace("\\", "/").split("/")
    is_absolute = not parts[0] or bool(ntpath.splitdrive(name)[0])
    if is_absolute or ".." in parts or {*parts} <= {"", "."} or "\0" in name:
        raise SuspiciousFileOperation
    if isinstance(storage, FileSystemStorage):
        path, folder = os.path.realpath(storage.path(name)), os.path.realpath(storage.location)
        if path == folder or os.path.commonpath((path, folder)) != folder or os.path.isdir(path):  # noqa: PTH112 (as text)
            raise SuspiciousFileOperation
