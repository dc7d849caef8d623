"""What the doctor has to tell about the uploads storage where it is a bucket."""

from django.core.checks import CheckMessage, Warning  # noqa: A004 - the name of Django
from django.core.files.storage import storages

from bazaar.uploads.bucket import Bucket, bucket_of
from bazaar.uploads.errors import StorageUnreachable
from bazaar.uploads.storage import require_bucket


def findings() -> list[CheckMessage]:
    """Return what is wrong with the bucket of the uploads, asked with short limits of time."""
    try:
        bucket = bucket_of(storages["default"], is_probe=True)
        if bucket is None:
            return []
        require_bucket(bucket)
        return _of_versions(bucket)
    except StorageUnreachable as error:
        problem, _, hint = str(error).partition(": ")
        return [Warning(f"{problem}, and no file is removed.", hint=_sentence(hint), id="bazaar.W002")]


def _of_versions(bucket: Bucket) -> list[CheckMessage]:
    if bucket.keeps_versions is None:
        text = "The bucket of the uploads does not tell whether it keeps versions of deleted files."
        return [Warning(text, hint="Allow s3:GetBucketVersioning.", id="bazaar.W003")]
    if not bucket.keeps_versions or bucket.ends_versions():
        return []
    text = "The bucket of the uploads keeps versions: what others delete or replace there stays."
    hint = (
        "Allow s3:ListBucketVersions and s3:DeleteObjectVersion, with which files are removed with all versions, and "
        "add a rule to the bucket that deletes noncurrent versions."
    )
    return [Warning(text, hint=hint, id="bazaar.W004")]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
