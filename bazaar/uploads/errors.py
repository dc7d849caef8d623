"""Errors of the uploads storage as a whole."""

import re


class StorageUnreachable(Exception):
    """The uploads storage is not there."""

    message = "The uploads storage is not there: mount the disk, or correct UPLOADS_PATH or STORAGE_URL."

    def __init__(self, sentence: str = message) -> None:
        super().__init__(sentence)


class BucketUnusable(StorageUnreachable):
    """The bucket of the uploads does not answer, or refuses. `code` is the store's word, such as NoSuchBucket.

    `is_refusal` tells that the store did answer, so that it may answer another request otherwise.
    """

    message = "The bucket of the uploads cannot be used ({code}): correct STORAGE_URL, the credentials or their rights."

    def __init__(self, code: str, *, is_refusal: bool = False) -> None:
        super().__init__(self.message.format(code=word(code)))
        self.code = code
        self.is_refusal = is_refusal


def word(code: str) -> str:
    """Return an error code as it may be shown: one word."""
    return code if re.fullmatch(r"[A-Za-z0-9]{1,60}", code) else "no reason given"
