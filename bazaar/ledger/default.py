"""The ledger without a setting: a file in the data folder, which gets its tables when it is first used."""

from functools import cache

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from bazaar.ledger.models import Entry
from bazaar.ledger.router import ALIAS


@cache
def make_default_ledger() -> None:
    """Make the tables, where `LEDGER_DATABASE_URL` is not set and they are missing; once in a process."""
    if settings.LEDGER_IS_DEFAULT and Entry._meta.db_table not in connections[ALIAS].introspection.table_names():
        call_command("migrate", database=ALIAS, verbosity=0, interactive=False)
