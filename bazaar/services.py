"""What the variables with addresses of services mean: database, cache, mail, and the storage of uploads."""

import hashlib
import hmac
import os
import stat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import environ
from django.db.backends.base.base import BaseDatabaseWrapper

from bazaar.bootstrap import BASE_DIR
from bazaar.environment import boolean, matching, printable
from bazaar.object_storage import address
from maintenance.core import channel_schemes, checkin_urls
from maintenance.core.addresses import split

POSTGRESQL = ("postgres", "postgresql", "psql", "pgsql")
LONGEST_NAME = 63
IN_MEMORY = "sqlite://:memory:"
SQLITE = "django.db.backends.sqlite3"
FILE_CACHE = "django.core.cache.backends.filebased.FileBasedCache"
FILE_STORAGE = "django.core.files.storage.FileSystemStorage"
DJANGO_OPTIONS = {"isolation_level", "server_side_binding", "pool", "assume_role", "service", "passfile"}
"""Options of a PostgreSQL connection that Django takes for itself."""
SWITCHES = ("ATOMIC_REQUESTS", "AUTOCOMMIT", "DISABLE_SERVER_SIDE_CURSORS", "CONN_HEALTH_CHECKS")


def path(text: str) -> Path:
    """Return a path; `~` is the home folder, and a relative one begins at the project's folder."""
    return BASE_DIR / Path(printable(text)).expanduser()


def database(url: str) -> dict[str, Any]:
    """Return the settings of a database by its URL; raises an exception for one that cannot be used."""
    config = environ.Env.db_url_config(url)
    scheme = url.partition(":")[0]
    printable(config["NAME"])
    if scheme == "sqlite":
        if url == IN_MEMORY:
            return _sqlite(":memory:")
        if urlsplit(url).netloc or urlsplit(url).query or config["NAME"] == ":memory:":
            raise ValueError
        return sqlite(path(config["NAME"]))
    if scheme not in POSTGRESQL or not 0 < len(config["NAME"]) <= LONGEST_NAME:
        raise ValueError
    return _postgresql(config)


def sqlite(file: Path) -> dict[str, Any]:
    """Return the settings of a database in a file, whose folder is made."""
    if file.is_dir():
        raise IsADirectoryError
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(file if file.exists() else file.parent, os.R_OK | os.W_OK):
        raise PermissionError
    return _sqlite(str(file))


def make_private(*, connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """Take the access of others to SQLite's files away, not that of a group (a receiver of `connection_created`)."""
    if connection.vendor != "sqlite":
        return
    for suffix in ("", "-wal", "-shm"):
        file = Path(f"{connection.settings_dict['NAME']}{suffix}")
        status = file.stat() if file.is_file() else None
        if status and status.st_mode & 0o007 and status.st_uid == os.geteuid():
            file.chmod(stat.S_IMODE(status.st_mode) & 0o700)


def _sqlite(name: str) -> dict[str, Any]:
    # Two writers lock each other out unless a transaction takes the write lock when it begins.
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL;"}
    return {"ENGINE": SQLITE, "NAME": name, "OPTIONS": options}


def _postgresql(config: dict[str, Any]) -> dict[str, Any]:
    from psycopg.conninfo import make_conninfo

    given = config.get("OPTIONS", {})
    make_conninfo(**{name: value for name, value in given.items() if name not in DJANGO_OPTIONS})
    # A server that does not answer any more is noticed, also while nothing is sent (seconds; milliseconds).
    quick = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "tcp_user_timeout": 60_000}
    return {"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 60} | _checked(config) | {"OPTIONS": quick | given}


def _checked(config: dict[str, Any]) -> dict[str, Any]:
    """Read the settings that Django has beside the options of the driver."""
    for name in config.keys() & SWITCHES:
        config[name] = boolean(str(config[name]))
    if not isinstance(config.get("CONN_MAX_AGE"), int | None):
        raise TypeError
    return config


def is_same_database(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two settings of databases name the same one; each connection to memory has a database of its own."""
    if first.get("NAME") == ":memory:":
        return False
    return all(first.get(name) == second.get(name) for name in ("ENGINE", "NAME", "HOST", "PORT"))


def derived_key(key: str, purpose: str) -> str:
    """Return a key for one purpose that is made from another key."""
    return hmac.new(key.encode(errors="replace"), purpose.encode(), hashlib.sha256).hexdigest()


def cache(url: str) -> dict[str, Any]:
    """Return the settings of a cache by its URL; raises an exception for one that cannot be used."""
    config: dict[str, Any] = environ.Env.cache_url_config(url)
    if config["BACKEND"] == FILE_CACHE:
        matching(config["LOCATION"], r".*[^/].*")
        config["LOCATION"] = str(path(config["LOCATION"]))
    elif config["BACKEND"].endswith("DatabaseCache"):
        raise ValueError  # a row would be a pickle, which is code
    elif not urlsplit(url).scheme.startswith(("locmem", "dummy")):
        matching(urlsplit(url).netloc + urlsplit(url).path, r"/*[^/].*")
    return config


def mail(url: str) -> dict[str, Any]:
    """Return the settings of mail by its URL; raises an exception for one that cannot be used."""
    config: dict[str, Any] = environ.Env.email_url_config(url)
    if config["EMAIL_BACKEND"].endswith("smtp.EmailBackend"):
        matching(config["EMAIL_HOST"] or "", r"[\w.:-]+")
    elif config["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
        # As in filecache:///folder, the third slash belongs to the path; the library takes it for a separator.
        folder = matching(config["EMAIL_FILE_PATH"].strip("/"), r".+")
        config["EMAIL_FILE_PATH"] = str(path(f"/{folder}"))
    if config.get("OPTIONS"):
        raise ValueError
    return config


def storage(url: str) -> dict[str, Any]:
    """Return the settings of a storage: a bucket's address, or `package.module.Class?option=value&option=value`."""
    if address.is_bucket(url):
        return address.storage(url)
    backend, has_options, query = url.partition("?")
    matching(backend, r"[a-z_]\w*(\.[a-z_]\w*)+")
    options: dict[str, Any] = dict(parse_qsl(query, strict_parsing=True)) if has_options else {}
    if backend == FILE_STORAGE and "location" in options:
        options["location"] = str(path(options["location"]))
    modes = {name: int(value, 8) for name, value in options.items() if name.endswith("_permissions_mode")}
    return {"BACKEND": backend, "OPTIONS": options | modes}


def site(address: str) -> str:
    """Return the address of a site, without a slash at its end; raises `ValueError` for anything else."""
    return matching(
        address, r"https?://([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?(/[\w./~%-]*)?"
    ).rstrip("/")


def channels(addresses: str) -> list[str]:
    """Return the addresses of alert channels; raises `ValueError` where there is no kind of channel for one."""
    found = [matching(address, r"[a-z][a-z0-9]*://[!-~]*") for address in split(addresses)]
    if not all(map(channel_schemes.is_known, found)):
        raise ValueError
    return found


def checkin(template: str) -> str:
    """Return the address of check-ins, with its placeholders; raises `ValueError` where it cannot be used."""
    for event in checkin_urls.EVENTS:
        checkin_urls.of_run(template, "job", event)
    return template
