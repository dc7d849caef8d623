"""Django's `flush`, for tables whose triggers refuse what it does.

On SQLite it deletes users row by row, and so needs the permission that an erasure has. The ledger is append-only; to
empty it, its triggers go, and come back.
"""

from typing import Any

from django.core.management.commands import flush
from django.db import connections, transaction
from django.utils import timezone

from bazaar.account_triggers import permit_deletion
from bazaar.ledger.router import ALIAS
from bazaar.ledger.triggers import install_triggers, remove_triggers
from bazaar.models import User


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        using = options["database"]
        if using == ALIAS:
            self._empty_ledger(options)
            return
        tables = connections[using].introspection.table_names()
        if connections[using].vendor != "sqlite" or User._meta.db_table not in tables:
            super().handle(**options)
            return
        users = User._base_manager.using(using).all()
        with transaction.atomic(using=using):
            permit_deletion(users, timezone.now())
            super().handle(**options)
            if users.exists():  # the operator has answered no
                transaction.set_rollback(True, using=using)

    def _empty_ledger(self, options: dict[str, Any]) -> None:
        remove_triggers()
        try:
            super().handle(**options)
        finally:
            install_triggers(ALIAS)
