"""Folders that go when the process that made them ends."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def scratch_folder(purpose: str) -> Path:
    """Make an empty folder for this test session; pytest-xdist's workers share their controller's."""
    variable = f"BAZAAR_TEST_{purpose.upper()}_FOLDER"
    if variable not in os.environ:
        os.environ[variable] = tempfile.mkdtemp(prefix=f"bazaar-test-{purpose}-")
        atexit.register(shutil.rmtree, os.environ[variable], ignore_errors=True)
    return Path(os.environ[variable])
