"""Remove the files of uploads that are marked for removal. This file deletes people's files.

The row survives until its file is gone, so that a failed attempt is made again. Whatever a row says, nothing outside
the uploads storage is touched: names that could lead out, and symbolic links that do, are failures.
"""

import logging
import ntpath
import os
import re
import stat
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, Storage
from django.db.models import Exists, OuterRef, QuerySet

from bazaar.models import Upload
from bazaar.uploads.references import unreferenced
from maintenance.core.array_lookup import in_array

logger = logging.getLogger(__name__)

_SIMPLE = re.compile(r"\w[\w-]*(\.[\w-]+)*")
"""A name that lies directly in the storage, and cannot lead out of it, as those that the program gives."""
AT_A_TIME = 4
"""Files that are removed in parallel: a storage elsewhere makes one wait for each."""


@dataclass(frozen=True)
class DeletedFiles:
    """What became of the files of some uploads that are marked for removal, whose rows are still there.

    `was_there` tells of each by its key whether it was there, or `None` where it stays: it could not be removed, or it
    was not tried because something needs it (`in_use`).
    """

    was_there: Mapping[int, bool | None]
    in_use: frozenset[int] = frozenset()

    @property
    def gone(self) -> list[int]:
        """Keys of the uploads that have no file now."""
        return [pk for pk, answer in self.was_there.items() if answer is not None]

    @property
    def missing(self) -> int:
        """How many of these had none before."""
        return sum(1 for answer in self.was_there.values() if answer is False)

    @property
    def failed(self) -> list[int]:
        """Keys of the uploads whose file stays, to be tried again."""
        return [pk for pk, answer in self.was_there.items() if answer is None]


def marked_for_removal() -> QuerySet[Upload]:
    """Return the uploads whose file is to be removed."""
    return Upload.objects.filter(condemned_at__isnull=False)


def delete_files(names: Mapping[int, str]) -> DeletedFiles:
    """Remove the files of uploads that are marked for removal, given their keys and names; the rows are the caller's.

    Call it after the transaction that marked them has been committed. It can end anywhere: a file that is gone while
    its row is there counts as missing next time. Each is tried once; a failure is logged with the upload's id.
    """
    storage: Storage = Upload._meta.get_field("file").storage
    needed = _still_needed(names)
    tried = [item for item in names.items() if item[0] not in needed]
    answers = zip((pk for pk, _ in tried), _try_to_delete_all(storage, tried), strict=True)
    return DeletedFiles({**dict.fromkeys(names), **dict(answers)}, frozenset(needed))


def _try_to_delete_all(storage: Storage, uploads: Sequence[tuple[int, str]]) -> list[bool | None]:
    act = partial(_try_to_delete, Remover(storage))
    if isinstance(storage, FileSystemStorage):  # for which threads take longer than the files
        return list(map(act, uploads))
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(act, uploads))


def _still_needed(names: Mapping[int, str]) -> set[int]:
    """Return those that something shows, or whose file is another upload's too: neither should ever be so."""
    twins = Upload.objects.filter(file=OuterRef("file"), condemned_at=None)
    free = unreferenced(Upload.objects.filter(~Exists(twins), in_array(names)))
    return names.keys() - set(free.values_list("pk", flat=True))


def _try_to_delete(remover: "Remover", upload: tuple[int, str]) -> bool | None:
    """Remove a file; return whether it was there, or `None` where it could not be removed."""
    pk, name = upload
    try:
        return remover.remove(name)
    except Exception:  # whatever a storage raises: the others are to be removed nevertheless
        logger.exception("The file of upload %s, which is marked for removal, could not be removed.", pk)
        return None


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
            _refuse_to_leave(name)
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


def _refuse_to_leave(name: str) -> None:
    # As text: pathlib interns every part of every path, and the interpreter's table of such strings never shrinks.
    parts = name.replace("\\", "/").split("/")
    is_absolute = not parts[0] or bool(ntpath.splitdrive(name)[0])
    if is_absolute or ".." in parts or {*parts} <= {"", "."} or "\0" in name:
        raise SuspiciousFileOperation


def _kind_of(path: str) -> tuple[bool, bool]:
    """Return whether a path is a symbolic link, and whether it is, or leads to, a folder."""
    mode = os.lstat(path).st_mode
    is_link = stat.S_ISLNK(mode)
    return is_link, stat.S_ISDIR(os.stat(path).st_mode if is_link else mode)  # noqa: PTH116 (as text)
