"""The uploads storage: whether it is there, and how a file is removed from it and from nowhere else."""

import ntpath
import os
import re
import stat
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from uuid import uuid4

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage

from bazaar.models import Upload
from bazaar.uploads.bucket import Bucket, bucket_of
from bazaar.uploads.errors import StorageUnreachable

_SIMPLE = re.compile(r"\w[\w-]*(\.[\w-]+)*")
"""A name that lies directly in the storage, and cannot lead out of it, as those that the program gives."""


def require_storage(storage: Storage) -> None:
    """Raise `StorageUnreachable` unless the storage is there. Ask where files are missing: a probe may be costly."""
    if bucket := bucket_of(storage):
        require_bucket(bucket)
    elif not (_is_folder(storage) if isinstance(storage, FileSystemStorage) else _takes_a_file(storage)):
        raise StorageUnreachable


def require_bucket(bucket: Bucket) -> None:
    """Raise `StorageUnreachable` unless a bucket is that of the uploads. An empty one, while they are kept, is not."""
    if bucket.is_empty() and _are_kept():
        raise StorageUnreachable("The bucket of the uploads is empty, and there are uploads: correct STORAGE_URL.")


def _is_folder(storage: FileSystemStorage) -> bool:
    """Tell whether the folder is there. An empty one, while uploads are kept, is a disk that is not mounted."""
    folder = Path(storage.location)
    if not folder.is_dir():
        return False
    if any(folder.iterdir()):
        return True
    return not _are_kept()


def _are_kept() -> bool:
    return Upload.objects.filter(condemned_at=None).exists()


def _takes_a_file(storage: Storage) -> bool:
    """Tell whether the storage takes a file. Of a bucket that does not exist, each file is merely missing."""
    try:
        name = storage.save(f".probe-{uuid4()}", ContentFile(b"probe"))
        found = storage.exists(name)
        storage.delete(name)
    except Exception:  # a storage may raise any error: it cannot be used
        return False
    return found


class Remover:
    """Removes files from a storage, and nothing outside of it.

    Have one for some files at a time, not for long: it looks only once where a folder really is.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._real = cache(os.path.realpath)
        # Asked once: the storage is a proxy, and takes its time.
        self._root = str(storage.location) if isinstance(storage, FileSystemStorage) else None
        kind = storage.__class__
        # Nobody has changed what removes a file, or what its path is.
        self._is_plain = kind.delete is FileSystemStorage.delete and kind.path is FileSystemStorage.path

    def remove(self, name: str) -> bool:
        """Remove a file; return whether it was there. Raises for a name that could lead out of the storage."""
        is_simple = _SIMPLE.fullmatch(name) is not None
        if not is_simple:
            refuse_to_leave(name)
        try:
            if self._root is None:
                return self._remove_elsewhere(name)
            return self._remove_from(self._root, name, is_simple=is_simple)
        except FileNotFoundError:
            return False

    def _remove_elsewhere(self, name: str) -> bool:
        if is_there := self._storage.exists(name):
            self._storage.delete(name)
        return is_there

    def _remove_from(self, root: str, name: str, *, is_simple: bool) -> bool:
        path = f"{root}{os.sep}{name}" if self._is_plain else self._storage.path(name)
        if not (self._is_plain and is_simple and stat.S_ISREG(os.lstat(path).st_mode)):
            self._refuse_outside(root, path)
        if self._is_plain:
            os.unlink(path)  # noqa: PTH108 (as text)
        else:
            self._storage.delete(name)
        return True

    def _refuse_outside(self, root: str, path: str) -> None:
        """Raise unless there is a file, and it lies in the folder `root`."""
        is_link, is_folder = _kind_of(path)
        real = os.path.realpath(path) if is_link else self._real(os.path.dirname(path))  # noqa: PTH120 (as text)
        if is_folder or not f"{real}{os.sep}".startswith(f"{self._real(root)}{os.sep}"):
            raise SuspiciousFileOperation


def refuse_to_leave(name: str) -> None:
    """Raise `SuspiciousFileOperation` for a name that could lead out of the storage."""
    # As text: pathlib interns every part of every path, and the interpreter's table of such strings never shrinks.
    parts = name.replace("\\", "/").split("/")
    is_absolute = not parts[0] or bool(ntpath.splitdrive(name)[0])
    if is_absolute or ".." in parts or {*parts} <= {"", "."} or "\0" in name:
        raise SuspiciousFileOperation


def remove_from_bucket(bucket: Bucket, names: Sequence[str], *, are_there: bool = False) -> list[bool | None]:
    """Remove files; tell of each whether it was there, `None` if it stays, as one whose name could lead out does."""
    safe = [name for name in names if _stays_inside(name)]
    gone = iter(bucket.remove(safe, are_there=are_there))
    return [next(gone) if _stays_inside(name) else None for name in names]


def _stays_inside(name: str) -> bool:
    try:
        refuse_to_leave(name)
    except SuspiciousFileOperation:
        return False
    return True


def _kind_of(path: str) -> tuple[bool, bool]:
    """Return whether a path is a symbolic link, and whether it is, or leads to, a folder."""
    mode = os.lstat(path).st_mode
    is_link = stat.S_ISLNK(mode)
    return is_link, stat.S_ISDIR(os.stat(path).st_mode if is_link else mode)  # noqa: PTH116 (as text)
