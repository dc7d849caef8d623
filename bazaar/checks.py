"""System checks of the domain: what would make maintenance of people's data go wrong."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.files.storage import FileSystemStorage, default_storage

from bazaar.erasure.check import check_inventory  # noqa: F401 - registers itself

MAINTENANCE = "maintenance"
"""Tag of the checks that are evaluated before each run of a job."""


@register(MAINTENANCE)
def check_uploads(**_kwargs: Any) -> list[CheckMessage]:
    """The uploads folder, where it exists already, can be read and written."""
    if not isinstance(default_storage, FileSystemStorage):
        return []
    folder = Path(default_storage.location)
    if not folder.exists() or (folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)):
        return []
    return [
        Error(
            "The uploads folder (UPLOADS_PATH) is not a folder that this process can read and write.",
            hint="Give it to the user that runs the program, or set UPLOADS_PATH to another folder.",
            id="bazaar.E001",
        )
    ]


@register(MAINTENANCE)
def check_grace_period(**_kwargs: Any) -> list[CheckMessage]:
    """The grace period of an account deletion is at least a day."""
    if settings.DELETION_GRACE_DAYS > 0:
        return []
    return [
        Error(
            f"DELETION_GRACE_DAYS is {settings.DELETION_GRACE_DAYS}: a deletion could not be taken back.",
            hint="Set it to a whole number of days, at least 1 (default 30).",
            id="bazaar.E002",
        )
    ]
