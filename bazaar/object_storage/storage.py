"""The storage class of a bucket. Only this module and what is given one of its objects need the libraries of S3."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

CONNECT_SECONDS = 5
READ_SECONDS = 20
ATTEMPTS = 5
"""Of a request, with growing pauses: a store that is busy answers 503 or SlowDown."""


class BucketStorage(S3Storage):  # type: ignore[misc] # the library has no types
    """A bucket that answers within a limit of time, or not at all; files are private, and none replaces another."""

    def __init__(self, **options: Any) -> None:
        if options.get("access_key"):  # those of the environment belong to another key
            options = dict.fromkeys(("security_token", "session_profile")) | options
        style = options.get("addressing_style")
        options.setdefault("client_config", _client_config(style, is_amazon=not options.get("endpoint_url")))
        super().__init__(**options)

    def get_default_settings(self) -> dict[str, Any]:
        return {**super().get_default_settings(), "file_overwrite": False, "default_acl": None}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def _client_config(style: str | None, *, is_amazon: bool) -> Config:
    # Other stores than Amazon's do not all know the newer checksums.
    checksums = "when_supported" if is_amazon else "when_required"
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        s3={"addressing_style": style} if style else None,
    )
