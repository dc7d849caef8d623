"""The address of a bucket: `s3://key:secret@endpoint/bucket/prefix?region=...`.

Nothing here quotes a part of an address in an error: it can be a secret.
"""

import re
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from bazaar.environment import matching

BACKEND = "bazaar.object_storage.storage.BucketStorage"
SCHEMES = {"s3": "https", "s3+https": "https", "s3+http": "http"}
FORM = (
    "s3://key:secret@endpoint/bucket/prefix?region=...&addressing=path (or virtual), with special characters "
    "percent-encoded, s3+http:// without TLS, s3:///bucket at Amazon, and without key and secret those of the "
    "environment or of the machine's role"
)
HOST = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
PATTERNS = {"region": r"[a-z0-9-]{1,50}", "addressing": "path|virtual|auto"}


def is_bucket(url: str) -> bool:
    """Return whether a text is meant as the address of a bucket."""
    return re.match(r"s3(\+\w*)?:", url, flags=re.IGNORECASE) is not None


def storage(url: str) -> dict[str, Any]:
    """Return the settings of a storage by the address of its bucket; raises an exception for one that is malformed."""
    matching(url, r"[!-\"$-~]+")
    if re.search(r"%(?![0-9a-fA-F]{2})", url) or "://" not in url:
        raise ValueError
    parts = urlsplit(url)
    endpoint = _endpoint(parts)
    query = _query(parts.query)
    bucket, prefix = _bucket(parts.path)
    options = {
        "bucket_name": bucket,
        "location": prefix,
        "region_name": query.get("region"),
        "addressing_style": query.get("addressing") or ("path" if endpoint else None),
        "endpoint_url": endpoint,
        "use_ssl": SCHEMES[parts.scheme] == "https",
        **_credentials(parts),
    }
    return {"BACKEND": BACKEND, "OPTIONS": {name: value for name, value in options.items() if value not in (None, "")}}


def _endpoint(parts: SplitResult) -> str:
    scheme = SCHEMES[parts.scheme]
    host = parts.netloc.rpartition("@")[2]
    if not host:
        return matching(scheme, "https") and ""  # Amazon's own
    matching(host, rf"({HOST}|\[[0-9a-f:.]+\])(:[0-9]{{1,5}})?")
    if parts.port == 0:  # reading it refuses one above 65535
        raise ValueError
    return f"{scheme}://{host}"


def _credentials(parts: SplitResult) -> dict[str, Any]:
    user, is_given, _ = parts.netloc.rpartition("@")
    if not is_given:
        return {}
    key, _, secret = user.partition(":")
    given = {"access_key": key, "secret_key": secret}
    return {name: matching(unquote(value, errors="strict"), "[!-~]+") for name, value in given.items()}


def _bucket(path: str) -> tuple[str, str]:
    """Return the name of the bucket, and the prefix of all keys in it."""
    bucket, _, rest = path.removeprefix("/").partition("/")
    prefix = unquote(rest, errors="strict").removesuffix("/")
    if prefix and not all(part.strip(".") and part.isprintable() for part in re.split(r"[/\\]", prefix)):
        raise ValueError
    return matching(bucket, r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]"), prefix


def _query(query: str) -> dict[str, str]:
    """Return the options; a blank one has its default."""
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    if len(pairs) > len(dict(pairs)) or not dict(pairs).keys() <= PATTERNS.keys():
        raise ValueError
    return {name: matching(value, PATTERNS[name]).lower() for name, value in pairs if value}
