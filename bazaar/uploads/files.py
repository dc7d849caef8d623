"""Remove the files of uploads that are marked for removal. This file deletes people's files.

The row survives until its file is gone, so that a failed attempt is made again. Whatever a row says, nothing outside
the uploads storage is touched: names that could lead out, and symbolic links that do, are failures. Names are compared
in their normal form (`bazaar.file_names`): the file that another row shows stays, and only the row goes.
"""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from django.core.files.storage import FileSystemStorage, Storage
from django.db.models import Q, QuerySet

from bazaar.file_names import normal_name
from bazaar.models import Upload
from bazaar.uploads.bucket import bucket_of
from bazaar.uploads.references import unreferenced
from bazaar.uploads.storage import Remover, remove_from_bucket, require_storage
from maintenance.core.array_lookup import in_array

logger = logging.getLogger(__name__)

AT_A_TIME = 4
"""Files that are removed in parallel: a storage elsewhere makes one wait for each."""
NOT_REMOVED = "The file of upload %s, which is marked for removal, could not be removed."


@dataclass(frozen=True)
class DeletedFiles:
    """What became of the files of some uploads that are marked for removal, whose rows are still there.

    `was_there` tells of each by its key whether it was there, or `None` where it stays: it could not be removed, or it
    was not tried because something shows the upload (`in_use`), or because the file is another upload's too (`shared`).
    """

    was_there: Mapping[int, bool | None]
    in_use: frozenset[int] = frozenset()
    shared: frozenset[int] = frozenset()

    @property
    def gone(self) -> list[int]:
        """Keys of the uploads that need no row any more: they have no file now, or it is another's."""
        return [pk for pk, answer in self.was_there.items() if answer is not None or pk in self.shared]

    @property
    def removed(self) -> list[int]:
        """Keys of the uploads whose file was there and is gone."""
        return [pk for pk, answer in self.was_there.items() if answer]

    @property
    def missing(self) -> int:
        """How many had no file before."""
        return sum(1 for answer in self.was_there.values() if answer is False)

    @property
    def failed(self) -> list[int]:
        """Keys of the uploads whose file stays, to be tried again."""
        return [pk for pk, answer in self.was_there.items() if answer is None and pk not in self.shared]


def marked_for_removal() -> QuerySet[Upload]:
    """Return the uploads whose file is to be removed."""
    return Upload.objects.filter(condemned_at__isnull=False)


def delete_files(names: Mapping[int, str]) -> DeletedFiles:
    """Remove the files of uploads that are marked for removal, given their keys and names; the rows are the caller's.

    Call it after the transaction that marked them has been committed. It can end anywhere: a file that is gone while
    its row is there counts as missing next time. Each is tried once; a failure is logged with the upload's id. Raises
    `StorageUnreachable` where files are missing because the storage is not there.
    """
    storage: Storage = Upload._meta.get_field("file").storage
    in_use = names.keys() - set(unreferenced(Upload.objects.filter(in_array(names))).values_list("pk", flat=True))
    shared = _shared({pk: name for pk, name in names.items() if pk not in in_use})
    tried = [item for item in names.items() if item[0] not in in_use | shared]
    answers = dict(zip((pk for pk, _ in tried), _try_to_delete_all(storage, tried), strict=True))
    if False in answers.values():
        require_storage(storage)
    return DeletedFiles({**dict.fromkeys(names), **answers}, frozenset(in_use), frozenset(shared))


def _shared(names: Mapping[int, str]) -> set[int]:
    """Return those whose file is that of an upload which stays, however its name is spelled."""
    forms = {pk: normal_name(name) for pk, name in names.items()}
    kept = Upload.objects.filter(condemned_at=None)
    same = kept.filter(in_array({*forms.values()}, "file") | Q(file__is_irregular=True)) if forms else kept.none()
    shown = {normal_name(name) for name in same.values_list("file", flat=True)}
    return {pk for pk, form in forms.items() if form in shown}


def _try_to_delete_all(storage: Storage, uploads: Sequence[tuple[int, str]]) -> list[bool | None]:
    if bucket := bucket_of(storage):
        gone = remove_from_bucket(bucket, [name for _, name in uploads])
        for (pk, _), answer in zip(uploads, gone, strict=True):
            if answer is None:
                logger.error(NOT_REMOVED, pk)
        return gone
    act = partial(_try_to_delete, Remover(storage))
    if isinstance(storage, FileSystemStorage):  # for which threads take longer than the files
        return list(map(act, uploads))
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(act, uploads))


def _try_to_delete(remover: Remover, upload: tuple[int, str]) -> bool | None:
    """Remove a file; return whether it was there, or `None` where it could not be removed."""
    pk, name = upload
    try:
        return remover.remove(name)
    except Exception:  # a storage may raise any error; the other files are removed all the same
        logger.exception(NOT_REMOVED, pk)
        return None
