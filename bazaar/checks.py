"""System checks of the domain: what would make maintenance of people's data go wrong."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.filebased import FileBasedCache
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - the name of Django
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.core.mail import get_connection
from django.db import DatabaseError, transaction

from bazaar import folders
from bazaar.erasure.check import check_inventory  # noqa: F401 - registers itself
from bazaar.erasure.inventory import collect
from bazaar.models import Upload
from bazaar.processing import PROCESSING
from bazaar.redaction.check import check_policy  # noqa: F401 - registers itself
from bazaar.services import SQLITE, derived_key
from bazaar.uploads.bucket import bucket_of

MAINTENANCE = "maintenance"
"""Tag of the checks that are evaluated before each run of a job."""
SETTINGS = "maintenance_settings"
"""Tag of those among them that say what is wrong with a setting, and are evaluated before each command."""


@register(MAINTENANCE, SETTINGS)
def check_uploads(**_kwargs: Any) -> list[CheckMessage]:
    """The uploads storage can be made, has a folder of its own, and may read and write there."""
    try:
        storage = storages["default"]
        if not isinstance(storage, Storage):
            raise TypeError  # noqa: TRY301 - a class that is no storage is as bad as none
        if bucket_of(storage) and not getattr(storage, "bucket_name", None):
            raise ValueError  # noqa: TRY301 - a bucket without a name
    except Exception as error:  # a class may raise any error for its options; the text could quote a key
        text = f"STORAGE_URL names a storage that cannot be made ({_cause(error)})."
        hint = (
            "Set it to s3://key:secret@endpoint/bucket, with requirements-s3.txt installed, or to a storage class "
            "that is installed, and to options that it knows, or leave it out."
        )
        return [Error(text, hint=hint, id="bazaar.E003")]
    return _check_folder(storage) if isinstance(storage, FileSystemStorage) else []


def _check_folder(storage: FileSystemStorage) -> list[CheckMessage]:
    variable = "STORAGE_URL" if os.environ.get("STORAGE_URL", "").strip() else "UPLOADS_PATH"
    if reason := folders.why_not_for_uploads(storage.location):
        text = f"The uploads folder ({variable}) {reason}, and its files could be removed as uploads."
        return [Error(text, hint=f"Set {variable} to a folder for uploads alone.", id="bazaar.E004")]
    if folders.is_usable(storage.location):
        return []
    return [
        Error(
            f"The uploads folder ({variable}) is not a folder that this process can read and write.",
            hint=f"Give it to the user that runs the program, or set {variable} to another folder.",
            id="bazaar.E001",
        )
    ]


@register(MAINTENANCE)
def check_that_uploads_are_there(**_kwargs: Any) -> list[CheckMessage]:
    """The uploads folder exists where the database knows uploads."""
    storage = storages["default"]
    if not isinstance(storage, FileSystemStorage) or Path(storage.location).exists() or not _has_uploads():
        return []
    return [
        Warning(
            "The uploads folder is not there, and there are uploads: no file is removed.",
            hint="Mount the disk, or set UPLOADS_PATH or STORAGE_URL to the folder that has the files.",
            id="bazaar.W001",
        )
    ]


def _has_uploads() -> bool:
    """Return whether there are uploads, as far as the database can tell: checks run before it is migrated, too."""
    try:
        with transaction.atomic():
            return Upload.objects.exists()
    except DatabaseError:
        return False


@register(MAINTENANCE, SETTINGS)
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


@register(MAINTENANCE)
def check_purposes(**_kwargs: Any) -> list[CheckMessage]:
    """Each personal model has a purpose and a legal basis."""
    return [
        Error(
            f"{model} holds personal data and has no purpose and no legal basis.",
            hint="Add a line to `PROCESSING` in bazaar/processing.py.",
            id="bazaar.E016",
        )
        for model in sorted({policy.model for policy in collect() if policy.is_personal} - PROCESSING.keys())
    ]


@register(MAINTENANCE, SETTINGS)
def check_cache(**_kwargs: Any) -> list[CheckMessage]:
    """The cache can be made: its client is installed, or its folder can be written."""
    try:
        cache = caches["default"]
        getattr(cache, "_cache", None)  # Redis and Memcached import their client here
        if isinstance(cache, FileBasedCache) and not folders.is_usable(settings.CACHES["default"]["LOCATION"]):
            raise PermissionError  # noqa: TRY301
    except Exception as error:  # a client may raise any error for its options
        text = f"CACHE_URL names a cache that cannot be used ({_cause(error)})."
        hint = "Set it to filecache:// and a folder that can be written, or to a server whose client is installed."
        return [Error(text, hint=hint, id="bazaar.E005")]
    return []


@register(MAINTENANCE, SETTINGS)
def check_mail(**_kwargs: Any) -> list[CheckMessage]:
    """The connection for mail can be made; nothing is sent."""
    try:
        get_connection()
    except Exception as error:  # a backend may raise any error for its options
        text = f"EMAIL_URL names mail that cannot be used ({_cause(error)})."
        hint = "Set it to smtp+tls://user:password@host:port, or to filemail:// and a folder that can be written."
        return [Error(text, hint=hint, id="bazaar.E006")]
    return []


@register(Tags.security, deploy=True)
def check_ledger(**_kwargs: Any) -> list[CheckMessage]:
    """In production, the ledger is on a server of its own, and its key does not change with another one."""
    found: list[CheckMessage] = []
    if settings.LEDGER_IS_DEFAULT and settings.DATABASES["default"]["ENGINE"] != SQLITE:
        text = "The ledger is a file of this machine, which other machines do not have."
        hint = "Set LEDGER_DATABASE_URL to a PostgreSQL database on another server than that of DATABASE_URL."
        found.append(Warning(text, hint=hint, id="bazaar.W027"))
    if derived_key(settings.SECRET_KEY, "ledger") == settings.LEDGER_KEY:
        text = "LEDGER_KEY is made from SECRET_KEY, so that SECRET_KEY cannot be changed without it."
        hint = "Set LEDGER_KEY to 32 random characters, or, where the ledger has entries, to the key of now."
        found.append(Warning(text, hint=hint, id="bazaar.W028"))
    return found


def _cause(error: Exception) -> str:
    """Return an exception in a few words that quote no value: its class, and the module that is missing."""
    first = error.__cause__ or error
    module = first.name if isinstance(first, ModuleNotFoundError) else None
    return f"{type(first).__name__}: {module}" if module else type(first).__name__
