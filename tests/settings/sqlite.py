"""SQLite, in a file: the processes and threads that the tests start must see the same database."""

import os

from tests.scratch import scratch_folder

FOLDER = scratch_folder("sqlite")
os.environ["DATABASE_URL"] = f"sqlite:///{FOLDER / 'main.sqlite3'}"
os.environ["LEDGER_DATABASE_URL"] = f"sqlite:///{FOLDER / 'ledger.sqlite3'}"

from tests.settings.base import *  # noqa: E402, F403

DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "test.sqlite3")}  # noqa: F405
DATABASES["ledger"]["TEST"] = {"NAME": str(FOLDER / "test-ledger.sqlite3")}  # noqa: F405
