"""Django's `migrate`, which without `--database` migrates both databases, the main one and the ledger.

In the ledger's database only the migrations of the ledger run. Those of other apps would change nothing there, and
take as long as in the main one.
"""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from bazaar.ledger.router import ALIAS


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=None)

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        return super().get_check_kwargs({**options, "database": options["database"] or DEFAULT_DB_ALIAS})

    def handle(self, *args: Any, **options: Any) -> None:
        for place in _places(options["database"], options["app_label"]):
            super().handle(*args, **{**options, **place})


def _places(database: str | None, app: str | None) -> Iterator[dict[str, Any]]:
    """Yield the options of each database to migrate."""
    if database != ALIAS:
        yield {"database": database or DEFAULT_DB_ALIAS}
    if database == ALIAS and app:
        yield {"database": ALIAS}
    elif database in {None, ALIAS} and app in {None, ALIAS}:
        # No table of the ledger is without a migration, and Django refuses to look for one in a single app.
        yield {"database": ALIAS, "app_label": ALIAS, "run_syncdb": False}
