"""Folders for uploads: which ones may be given to a job that removes files without a row."""

import os
import pwd
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

from bazaar.bootstrap import BASE_DIR, env_file

OF_THE_SYSTEM = (
    *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/sbin", "/sys"),
    *("/usr/bin", "/usr/include", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/sbin", "/usr/share"),
)
"""Nothing in them is an upload."""
SHARED = (
    *("/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv"),
    *("/tmp", "/usr", "/usr/local", "/usr/src"),  # noqa: S108 # folders that are refused # nosec B108
    *("/var", "/var/cache", "/var/lib", "/var/log", "/var/spool", "/var/tmp", "/var/www"),  # noqa: S108 # nosec B108
)
"""They hold others' files too; a folder in them may be for uploads."""
PARTS = ("bazaar", "benchmarks", "deploy", "docs", "maintenance", "tests")
"""Folders of the project that hold no data."""
MARKS = ("manage.py", ".git", "pyproject.toml")
"""A folder with one of these is a program's."""


def why_not_for_uploads(location: str | os.PathLike[str]) -> str:
    """Return why a folder may not hold the uploads, as the end of a sentence; empty where it may.

    A folder that holds something else than uploads is refused, and one within the program or the system. Symbolic links
    are followed.
    """
    folder = _real(location)
    if _is_within_any(folder, _all_real(OF_THE_SYSTEM)) or folder in _all_real(SHARED):
        return "is a folder of the system"
    if folder.parent == Path("/home") or any(home.is_relative_to(folder) for home in _homes()):
        return "is a home folder or holds one"
    if any(ours.is_relative_to(folder) for ours in (_real(BASE_DIR), *_data(), *_code())):
        return "holds the program or its data"
    if _is_within_any(folder, _code()):
        return "is a part of the program"
    if any(os.path.lexists(folder / mark) for mark in MARKS):
        return "holds a program"
    return ""


def is_usable(location: str | os.PathLike[str]) -> bool:
    """Whether this process can read and write a folder, or make it."""
    path = Path(location)
    try:
        path.stat()
    except FileNotFoundError:
        return not path.is_symlink() and is_usable(path.parent)
    except (OSError, ValueError):  # a name that is too long, or a file where a folder should be
        return False
    return path.is_dir() and os.access(path, os.R_OK | os.W_OK | os.X_OK)


def _real(path: str | os.PathLike[str]) -> Path:
    return Path(os.path.realpath(path))


def _all_real(paths: Iterable[Any]) -> set[Path]:
    return {_real(path) for path in paths if path}


def _is_within_any(folder: Path, others: Iterable[Path]) -> bool:
    return any(folder.is_relative_to(other) for other in others)


def _homes() -> set[Path]:
    return _all_real([os.environ.get("HOME"), *(user.pw_dir for user in pwd.getpwall())])


def _data() -> set[Path]:
    """Return where the program's own data lies: database, cache, mail, and the file with the settings."""
    files = [database["NAME"] for database in settings.DATABASES.values() if "sqlite" in database["ENGINE"]]
    caches = [cache.get("LOCATION") for cache in settings.CACHES.values() if "filebased" in cache["BACKEND"]]
    mail = getattr(settings, "EMAIL_FILE_PATH", None)
    return _all_real([*(file for file in files if "memory" not in str(file)), *caches, mail, env_file()])


def _code() -> set[Path]:
    """Return where the program lies, with its static files, its libraries and the interpreter."""
    project = [BASE_DIR / part for part in (*PARTS, *(path.name for path in BASE_DIR.glob(".*")))]
    libraries = [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")]
    environment = sys.prefix if sys.prefix != sys.base_prefix else None
    installed = [config.path for config in apps.get_app_configs()]
    return _all_real([*project, *libraries, environment, *installed, settings.STATIC_ROOT])
