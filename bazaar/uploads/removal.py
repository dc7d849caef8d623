"""Uploads that nothing refers to: which they are, and how they go. This file deletes people's files.

They go in steps. `mark_for_removal` locks them, looks for references in a second statement, and marks the rest, so that
nobody can begin to use them any more (`bazaar.triggers`). After that is committed, `delete_files_of` removes the file,
and `remove` deletes the row, which survives until its file is gone. The mark is the column `condemned_at`, which keeps
its name, as do the trigger and the indexes that go with it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from bazaar.models import Upload
from bazaar.uploads.files import DeletedFiles, delete_files
from bazaar.uploads.references import unreferenced
from maintenance.core.array_lookup import in_array

IN_USE = "something refers to it"
NOT_REMOVED = "its file could not be removed"


@dataclass(frozen=True)
class Marked:
    """Of uploads that were candidates: how many are marked for removal now, and how many are in use meanwhile."""

    marked: int
    in_use: int


@dataclass(frozen=True)
class FilesOfUploads:
    """What became of the files of uploads, and the bytes of each by its upload's key."""

    files: DeletedFiles
    sizes: Mapping[int, int]


@dataclass(frozen=True)
class RemovedUploads:
    """What became of uploads: rows gone, the bytes of the files that were removed, and why some rows stay.

    Of the rows that are gone, `missing` had no file, and the file of `shared` stays, because another upload shows it.
    """

    gone: int
    missing: int
    size: int
    shared: int = 0
    failed: Mapping[int, str] = field(default_factory=dict)


def orphans(before: datetime) -> QuerySet[Upload]:
    """Return the uploads made before a moment that nothing refers to and that are not marked for removal yet.

    Those that the database knows to be in use (`bazaar.triggers`) are not looked at: there are many, and few others.
    """
    return unreferenced(Upload.objects.filter(created_at__lt=before, condemned_at=None, in_use=False))


def mark_for_removal(candidates: Collection[int], now: datetime, *, except_by: Collection[int] = ()) -> Marked:
    """Mark those of the uploads with the keys `candidates` that nothing refers to, inside the caller's transaction.

    Users with the ids `except_by` do not count. The uploads are locked first. Only a second statement sees what was
    attached while the lock was waited for; with one for both, a file that somebody just began to use would be marked.
    """
    uploads = Upload.objects.filter(in_array(candidates), condemned_at=None)
    locked = list(uploads.select_for_update().order_by("pk").values_list("pk", flat=True))
    unused = unreferenced(Upload.objects.filter(in_array(locked), condemned_at=None), except_by=except_by)
    marked = unused.update(condemned_at=now)
    return Marked(marked, len(locked) - marked)


def delete_files_of(uploads: QuerySet[Upload]) -> FilesOfUploads:
    """Remove the files of `uploads`, which are marked for good; their rows stay until `remove`.

    One that something refers to nevertheless is left alone. No lock is needed, for nobody can begin to use them.
    """
    rows = list(uploads.order_by("pk").values_list("pk", "file", "size"))
    return FilesOfUploads(delete_files({pk: name for pk, name, _ in rows}), {pk: size for pk, _, size in rows})


def remove(uploads: QuerySet[Upload], seen: FilesOfUploads | None = None) -> RemovedUploads:
    """Remove `uploads`, which are marked for removal, inside the caller's transaction: files, then rows.

    Their files have gone where they were `seen` off. A row stays where something refers to it nevertheless, or where
    the file cannot be removed.
    """
    taken = seen or delete_files_of(uploads.select_for_update())
    files, gone = taken.files, taken.files.gone
    # By key and nothing else: the rows are marked, and nobody can use them any more.
    Upload.objects.filter(in_array(gone))._raw_delete(Upload.objects.db)
    failed = {pk: IN_USE if pk in files.in_use else NOT_REMOVED for pk in files.failed}
    size = sum(taken.sizes[pk] for pk in files.removed)
    return RemovedUploads(len(gone), files.missing, size, len(files.shared), failed)
