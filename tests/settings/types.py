"""What the type checker reads: the models need settings, and nothing needs to exist."""

import os

os.environ["ENV_FILE"] = ""
os.environ["DATABASE_URL"] = "sqlite://:memory:"
os.environ["LEDGER_DATABASE_URL"] = "sqlite://:memory:"
os.environ.setdefault("SECRET_KEY", "only-for-types")

from bazaar.settings import *  # noqa: F403
