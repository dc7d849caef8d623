"""Uploads that nothing refers to: which they are, and how they go. This file deletes people's files.

They go in steps. `condemn` locks them, looks for references in a second statement, and marks the rest, so that nobody
can begin to use them any more (`bazaar.triggers`). After that is committed, `take_away` removes the file, and `remove`
deletes the row, which survives until its file is gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from bazaar import erasure
from bazaar.keys import among
from bazaar.models import Upload
from bazaar.references import unreferenced

IN_USE = "something refers to it"
NOT_REMOVED = "its file could not be removed"


@dataclass(frozen=True)
class Condemned:
    """Of uploads that were candidates: how many were condemned, and how many are in use meanwhile."""

    condemned: int
    in_use: int


@dataclass(frozen=True)
class TakenAway:
    """What became of the files of condemned uploads, and the bytes of each by its upload's key."""

    files: erasure.Unlinked
    sizes: Mapping[int, int]


@dataclass(frozen=True)
class Removed:
    """What became of condemned uploads: rows gone, of which `missing` had no file, their bytes, and why some stay."""

    gone: int
    missing: int
    size: int
    failed: Mapping[int, str] = field(default_factory=dict)


def orphans(before: datetime) -> QuerySet[Upload]:
    """Return the uploads made before a moment that nothing refers to and that are not condemned yet."""
    return unreferenced(Upload.objects.filter(created_at__lt=before, condemned_at=None))


def condemn(candidates: Sequence[int], now: datetime) -> Condemned:
    """Condemn those of the uploads with the keys `candidates` that nothing refers to, inside the caller's transaction.

    They are locked first. Only a second statement sees what was attached while the lock was waited for; with one for
    both, a file that somebody just began to use would still be condemned.
    """
    uploads = Upload.objects.filter(among(candidates), condemned_at=None)
    locked = list(uploads.select_for_update().order_by("pk").values_list("pk", flat=True))
    condemned = unreferenced(Upload.objects.filter(among(locked), condemned_at=None)).update(condemned_at=now)
    return Condemned(condemned, len(locked) - condemned)


def take_away(uploads: QuerySet[Upload]) -> TakenAway:
    """Remove the files of `uploads`, which are condemned for good; their rows stay until `remove`.

    One that something refers to nevertheless is left alone. No lock is needed, for nobody can begin to use them.
    """
    rows = list(uploads.order_by("pk").values_list("pk", "file", "size"))
    return TakenAway(erasure.unlink({pk: name for pk, name, _ in rows}), {pk: size for pk, _, size in rows})


def remove(uploads: QuerySet[Upload], seen: TakenAway | None = None) -> Removed:
    """Remove `uploads`, which are condemned, inside the caller's transaction: what is left of the files, then the rows.

    Their files have gone where they were `seen` off. A row stays where something refers to it nevertheless, or where
    the file cannot be removed.
    """
    taken = seen or take_away(uploads.select_for_update())
    files, gone = taken.files, taken.files.gone
    # By key and nothing else: the rows are condemned, and nobody can use them any more.
    Upload.objects.filter(among(gone))._raw_delete(Upload.objects.db)
    failed = {pk: IN_USE if pk in files.in_use else NOT_REMOVED for pk in files.failed}
    return Removed(len(gone), files.missing, sum(taken.sizes[pk] for pk in gone), failed)
