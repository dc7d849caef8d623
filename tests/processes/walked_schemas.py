"""All states that the schema had, walked by `manage.py migrate` in a process of its own.

`walked_schemas.py back` goes back to the first migration of each app on a database with data, and forward again;
`walked_schemas.py from-nothing` begins with an empty database. Each migration is a call of the command, so that at each
state there is what such a call ends with: triggers, permissions, schedules. It prints JSON: how many migrations were
undone and applied, and the tables whose number of rows changed on the way, with the migration.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OURS = ("bazaar", "decisions", "holds", "maintenance", "redaction", "searches")
BACK_TO = ("bazaar", "decisions", "maintenance")
"""Apps of which the first migration stays. What the others have needs later ones of these, so that it is undone."""


def walk(*, back: bool) -> dict[str, Any]:
    """Go back if asked, and forward, and return what happened."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    from bazaar.management.commands.migrate import Command

    graph = MigrationLoader(connection).graph
    steps: Counter[str] = Counter()
    changed: list[tuple[str, int, int, str]] = []
    first = rows = counted(connection)

    class CountingCommand(Command):
        def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
            nonlocal rows
            super().migration_progress_callback(action, migration, fake)
            if action not in {"apply_success", "unapply_success"} or migration.app_label not in OURS:
                return
            steps[action] += 1
            before, rows = rows, counted(connection)
            changed.extend(
                (table, count, rows[table], str(migration))
                for table, count in before.items()
                if table in rows and rows[table] != count
            )

    for target in (*(backwards(graph) if back else ()), *forwards(graph), ()):
        call_command(CountingCommand(), *target, verbosity=0, interactive=False)
    return {"first": first, "last": rows, "steps": steps, "changed": changed}


def counted(connection: Any) -> dict[str, int]:
    """Return the number of rows of each table of ours."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.split("_")[0] in OURS:
                cursor.execute(f"SELECT count(*) FROM {table}")
                found[table] = cursor.fetchone()[0]
    return found


def forwards(graph: Any) -> Iterator[tuple[str, str]]:
    """Yield our migrations in an order in which each can be applied."""
    done = set()
    for leaf in graph.leaf_nodes():
        for key in graph.forwards_plan(leaf):
            if key[0] in OURS and key not in done:
                done.add(key)
                yield key


def backwards(graph: Any) -> Iterator[tuple[str, str]]:
    """Yield the migration before each one, by which the command undoes that one."""
    for app, name in reversed(list(forwards(graph))):
        before = [other for of, other in sorted(graph.nodes) if of == app and other < name]
        if before and app in BACK_TO:
            yield app, before[-1]


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))

    import django

    django.setup()
    json.dump(walk(back=sys.argv[1] == "back"), sys.stdout)
