"""Give a stored file another name: one whose name tells of a person, while something kept shows it."""

from datetime import datetime

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import Storage

from bazaar.models import Upload
from bazaar.models.uploads import random_name
from bazaar.uploads.storage import require_storage


def rename_file(key: int, now: datetime) -> None:
    """Store the file of an upload under a random name, inside the caller's transaction.

    The old name goes to an upload of its own, which is marked for removal: the file is removed after the commit. After
    a rollback the copy is a file without a row, which `cleanup-orphaned-files --sweep` removes. A name without a file
    is replaced, unless the storage is not there (`StorageUnreachable`).
    """
    upload = Upload.objects.select_for_update().get(pk=key)
    old, new = str(upload.file), random_name(upload, "")
    storage: Storage = Upload._meta.get_field("file").storage
    try:
        with storage.open(old) as content:
            new = storage.save(new, content)
        Upload.objects.create(file=old, mime_type=upload.mime_type, size=upload.size, condemned_at=now)
    except FileNotFoundError:
        require_storage(storage)
    except SuspiciousFileOperation:  # it leads out of the storage, where no file is an upload
        pass
    Upload.objects.filter(pk=key).update(file=new)
