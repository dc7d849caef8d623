"""PostgreSQL behind a PgBouncer in session mode, both of our own: `pytest --ds=tests.settings.pooled FOLDERS`.

What is about the connections themselves is not meant for it: a test that breaks off what the pool keeps.
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

POOLED = "BAZAAR_TEST_POOLED"

if POOLED not in os.environ:  # workers of pytest-xdist inherit the pool
    import atexit

    from tests.postgresql_server import SETTINGS, start
    from tests.processes.pgbouncer import PgBouncer
    from tests.scratch import scratch_folder

    server = urlsplit(start(settings={**SETTINGS, "autovacuum": "off"}))
    host = parse_qs(server.query)["host"][0]
    config = {"NAME": server.path[1:], "HOST": host, "PORT": "", "USER": server.username, "OPTIONS": {}}
    pool = PgBouncer(config, Path(scratch_folder("pool")), "session")
    atexit.register(pool.stop)
    os.environ["DATABASE_URL"] = os.environ[POOLED] = pool.url

from tests.settings.postgresql import *  # noqa: E402, F403
