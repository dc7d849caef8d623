"""What has to happen before the settings can be read: the quickstart's `.env`.

Nothing here may import the settings, because there may be none yet.
"""

import os
import secrets
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

EX_CONFIG = 78
"""Exit status of a configuration error (`EX_CONFIG` of sysexits.h)."""

BASE_DIR = Path(__file__).resolve().parent.parent

ENV_TEMPLATE = """\
# Written by `manage.py quickstart` for trying things out on this machine. Every variable is in .env.example.
SECRET_KEY={key}
DEBUG=on
ALLOWED_HOSTS=localhost,127.0.0.1,[::1]
"""


def env_file() -> Path | None:
    """The file that the environment is completed from; `ENV_FILE` names another one, or none when it is empty."""
    name = os.environ.get("ENV_FILE", ".env")
    return BASE_DIR / name if name else None


def write_env_for_quickstart() -> None:
    """Write a development `.env` (mode 0600) where neither the file nor a key in the environment exists."""
    path = env_file()
    if path is None or path.exists() or "SECRET_KEY" in os.environ:
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ImproperlyConfigured(f"{path.name} cannot be written ({error.strerror}); set SECRET_KEY.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(ENV_TEMPLATE.format(key=secrets.token_urlsafe(48)))
    sys.stderr.write(f"Wrote {path.name} with a random SECRET_KEY and DEBUG=on, for this machine only.\n")
