"""PostgreSQL: the server that `DATABASE_URL` names, or one of our own that goes when the tests end."""

import os
from urllib.parse import urlsplit, urlunsplit

from tests.postgresql_server import SETTINGS, start

if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
    # Workers of pytest-xdist inherit the variable, and with it the server. Statistics are only those that a test asks
    # for: those of an earlier test's rows would let the planner choose by chance.
    os.environ["DATABASE_URL"] = start(settings={**SETTINGS, "autovacuum": "off"})

# Beside the main one, on the same server.
address = urlsplit(os.environ["DATABASE_URL"])
os.environ["LEDGER_DATABASE_URL"] = urlunsplit(address._replace(path=f"{address.path}_ledger"))

from tests.settings.base import *  # noqa: E402, F403
