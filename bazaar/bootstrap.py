"""What has to happen before the settings can be read: find the file that completes the environment, or write it.

Nothing here may import the settings, because there may be none yet.
"""

import io
import os
import re
import secrets
import sys
from collections.abc import MutableMapping
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
STANDARD_FILE = ".env"

ENV_TEMPLATE = """\
# Written by `manage.py quickstart` for trying things out on this machine. Every variable is in .env.example.
SECRET_KEY={key}
DEBUG=on
ALLOWED_HOSTS=localhost,127.0.0.1,[::1]
"""


def env_file() -> Path | None:
    """The file that the environment is completed from; `ENV_FILE` names another one, or none when it is empty."""
    name = os.environ.get("ENV_FILE", STANDARD_FILE).strip()
    return BASE_DIR / os.path.expanduser(name) if name else None  # noqa: PTH111 - bears a machine without homes


def complete(variables: MutableMapping[str, str]) -> None:
    """Set what the file sets and `variables` leave blank; raises `ImproperlyConfigured` for a file that is unusable."""
    path = env_file()
    if path is None:
        return
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        if "ENV_FILE" not in os.environ:
            return
        raise _unusable("there is no such file") from None
    except OSError as error:
        raise _unusable((error.strerror or "it cannot be read").lower()) from None
    except ValueError:
        raise _unusable("it is not a text file in UTF-8") from None
    for name, value in _parsed(lines).items():
        if not variables.get(name, "").strip():
            variables[name] = value


def _parsed(lines: list[str]) -> dict[str, str]:
    """Return the variables in the lines of a file, as django-environ reads them."""

    class Reader(environ.Env):  # type: ignore[misc] # the library has no types
        ENVIRON: dict[str, str] = {}

    for number, line in enumerate((line.strip() for line in lines), start=1):
        is_assignment = re.match(r"(export )?[A-Za-z_][A-Za-z_0-9]*=", line) and "\0" not in line
        if line and not line.startswith("#") and not is_assignment:
            raise _unusable(f"line {number} is not NAME=value")
        Reader.read_env(io.StringIO(line), overwrite=True)
    return Reader.ENVIRON


def _unusable(reason: str) -> ImproperlyConfigured:
    if "ENV_FILE" in os.environ:
        return ImproperlyConfigured(
            f"ENV_FILE cannot be used ({reason}): it may be the path of a text file with a line NAME=value for each "
            "variable, or empty for no file."
        )
    return ImproperlyConfigured(
        f"{STANDARD_FILE} cannot be used ({reason}): it may be a text file with a line NAME=value for each variable; "
        "ENV_FILE names another one."
    )


def write_env_for_quickstart() -> None:
    """Write a development `.env` (mode 0600) where neither the file nor a key in the environment exists."""
    path = env_file()
    if path is None or os.path.lexists(path) or os.environ.get("SECRET_KEY", "").strip():
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no path"
        raise _unusable(f"it cannot be written: {reason.lower()}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(ENV_TEMPLATE.format(key=secrets.token_urlsafe(48)))
    sys.stderr.write(f"Wrote {path.name} with a random SECRET_KEY and DEBUG=on, for this machine only.\n")
