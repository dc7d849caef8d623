"""Files in the uploads storage that no row knows: left by a crash between file and row, or put there by hand.

Everything goes through the storage API. What this program cannot have made is left alone: symbolic links, whatever
they lead to, and names that begin with a dot. Names can be people's, so that none is logged; `StoredFile` prints only
those that are random.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import FileSystemStorage, Storage
from django.db.models import FileField, Model, Q, QuerySet

from bazaar.file_names import normal_name
from bazaar.models import Upload
from bazaar.uploads.bucket import Bucket, ListedName, bucket_of
from bazaar.uploads.errors import StorageUnreachable
from bazaar.uploads.files import marked_for_removal
from bazaar.uploads.storage import Remover, remove_from_bucket, require_storage
from maintenance.core.array_lookup import in_array

logger = logging.getLogger(__name__)

PAGE = 1_000
NOT_REMOVED = "the file could not be removed"

_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.\w{1,5})?")


@dataclass(frozen=True)
class StoredFile:
    """A file by its name in the storage, and its bytes."""

    name: str
    size: int

    def __str__(self) -> str:
        if _RANDOM.fullmatch(self.name):
            return self.name
        return f"name with the SHA-256 {sha256(self.name.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class RemovedFiles:
    """What became of files: removed ones, their bytes, and why the others stay, by what may be shown of their name."""

    gone: int = 0
    size: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)


def uploads_storage() -> Storage:
    return Upload._meta.get_field("file").storage


def stored_names(page: int = PAGE) -> Iterator[list[str]]:
    """Yield the names of all files in the uploads storage, some at a time. A folder that cannot be read is logged."""
    if bucket := bucket_of(uploads_storage()):
        yield from _stored_in(bucket, page)
        return
    names: list[str] = []
    for name in _walk(uploads_storage()):
        names.append(name)
        if len(names) == page:
            yield names
            names = []
    if names:
        yield names


def unknown(names: Sequence[str], before: datetime) -> list[StoredFile]:
    """Return those of the files `names` that no row of any model knows, last modified before a moment."""
    storage, known = uploads_storage(), _known(names)
    files = (_look_at(storage, name, before) for name in names if normal_name(name) not in known)
    return [file for file in files if file is not None]


def remove_unknown(files: Sequence[StoredFile], before: datetime) -> RemovedFiles:
    """Remove those of `files` that are still unknown; one that cannot be removed is logged, and the others go."""
    storage, still = uploads_storage(), unknown([file.name for file in files], before)
    if bucket := bucket_of(storage):
        return _remove_from(bucket, still)
    remover = Remover(storage)
    gone, size, failed = 0, 0, {}
    for file in still:
        try:
            remover.remove(file.name)
        except Exception:  # a storage may raise any error; the other files are removed all the same
            logger.exception("A file that no row knows could not be removed: %s.", file)
            failed[str(file)] = NOT_REMOVED
        else:
            gone, size = gone + 1, size + file.size
    return RemovedFiles(gone, size, failed)


def _remove_from(bucket: Bucket, files: Sequence[StoredFile]) -> RemovedFiles:
    gone = remove_from_bucket(bucket, [file.name for file in files], are_there=True)
    failed = [file for file, answer in zip(files, gone, strict=True) if answer is None]
    for file in failed:
        logger.error("A file that no row knows could not be removed: %s.", file)
    removed = [file for file, answer in zip(files, gone, strict=True) if answer]
    return RemovedFiles(len(removed), sum(file.size for file in removed), {str(file): NOT_REMOVED for file in failed})


def _stored_in(bucket: Bucket, page: int) -> Iterator[list[str]]:
    for listed in bucket.listed(page):
        if names := [name for name in listed if all(map(_is_ours, name.split("/")))]:
            yield [*names]


def _walk(storage: Storage) -> Iterator[str]:
    folders = [""]
    while folders:
        folder = folders.pop()
        subfolders, files = _listed(storage, folder)
        yield from (_join(folder, name) for name in files if _is_ours(name))
        paths = (_join(folder, name) for name in subfolders if _is_ours(name))
        folders.extend(path for path in paths if not _is_link(storage, path))


def _listed(storage: Storage, folder: str) -> tuple[list[str], list[str]]:
    try:
        return storage.listdir(folder)
    except FileNotFoundError:  # the folder has just gone, or it is the storage itself
        if not folder and Upload.objects.exists():
            require_storage(storage)
        return [], []
    except Exception as error:  # a folder that cannot be read, or a storage that cannot list
        if not folder and not isinstance(error, NotImplementedError):
            raise StorageUnreachable from error
        logger.exception("A folder of the uploads storage could not be listed; its files are not looked at.")
        return [], []


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _is_ours(name: str) -> bool:
    """Tell whether the program can have given this name: text that does not begin with a dot."""
    return bool(name) and not name.startswith(".") and name.isprintable()


def _is_link(storage: Storage, name: str) -> bool:
    return isinstance(storage, FileSystemStorage) and Path(storage.path(name)).is_symlink()


def _known(names: Sequence[str]) -> set[str]:
    """Return the normal forms of those of `names` that a row of any model has in a file field, in any spelling."""
    known: set[str] = set()
    asked = {form for name in names for form in (name, normal_name(name))}
    for model in apps.get_models(include_auto_created=True):
        for file_field in (item for item in model._meta.local_concrete_fields if isinstance(item, FileField)):
            spelled = Q(**{f"{file_field.name}__is_irregular": True})
            for rows in _rows(model):
                found = rows.filter(in_array(asked, file_field.name) | spelled).values_list(file_field.name, flat=True)
                known.update(map(normal_name, found))
    return known


def _rows(model: type[Model]) -> list[QuerySet[Any]]:
    """Return all rows of a model, in parts that the database finds by an index each."""
    if model is Upload:
        return [Upload.objects.filter(condemned_at=None), marked_for_removal()]
    return [model._base_manager.all()]


def _look_at(storage: Storage, name: str, before: datetime) -> StoredFile | None:
    """Return the file if it is old enough to go; `None` also where it has just gone or cannot be looked at."""
    if isinstance(name, ListedName):
        return StoredFile(name, name.size) if name.modified < before else None
    try:
        if _is_link(storage, name) or storage.get_modified_time(name) >= before:
            return None
        return StoredFile(name, storage.size(name))
    except FileNotFoundError:
        return None
    except Exception:  # as above
        logger.exception("A file that no row knows could not be looked at.")
        return None
