"""Where tables are: those of the ledger in the ledger's database, all others in the main one."""

from typing import Any

from django.db.models import Model

ALIAS = "ledger"
"""The name of the ledger's database, and the label of its app."""


class LedgerRouter:
    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        return ALIAS if model._meta.app_label == ALIAS else None

    db_for_write = db_for_read

    def allow_relation(self, first: Model, second: Model, **_hints: Any) -> bool:
        return (first._meta.app_label == ALIAS) == (second._meta.app_label == ALIAS)

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        return (db == ALIAS) == (app_label == ALIAS)
