"""Django's `migrate`, which without `--database` migrates both databases, the main one and the ledger."""

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
        databases = [options["database"]] if options["database"] else [DEFAULT_DB_ALIAS, ALIAS]
        for database in databases:
            super().handle(*args, **{**options, "database": database})
