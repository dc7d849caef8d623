"""PostgreSQL: the server that `DATABASE_URL` names, or one of our own that goes when the tests end."""

import os

from tests.postgresql_server import start

if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
    # Workers of pytest-xdist inherit the variable, and with it the server.
    os.environ["DATABASE_URL"] = start()

from tests.settings.base import *  # noqa: F403
