"""`migrate` brings both databases up to date, and runs no other app's migrations in the ledger's."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from bazaar.ledger.models import Entry
from bazaar.models import User

DATABASES = ["default", "ledger"]


@pytest.mark.django_db(databases=DATABASES)
def test_each_database_has_its_tables_and_the_ledgers_has_no_other_migrations():
    applied = {
        name: {app for app, _ in MigrationRecorder(connections[name]).applied_migrations()} for name in DATABASES
    }
    tables = {name: set(connections[name].introspection.table_names()) for name in DATABASES}

    assert {"bazaar", "maintenance", "ledger", "django_q"} <= applied["default"]
    assert applied["ledger"] == {"ledger"}
    for model, own, other in ((Entry, "ledger", "default"), (User, "default", "ledger")):
        assert model._meta.db_table in tables[own]
        assert model._meta.db_table not in tables[other]
    main = MigrationExecutor(connections["default"])
    assert main.migration_plan(main.loader.graph.leaf_nodes()) == []


@pytest.mark.django_db(databases=DATABASES)
@pytest.mark.parametrize("options", [{}, {"check_unapplied": True}, {"plan": True}, {"fake_initial": True}])
@pytest.mark.parametrize("database", [None, *DATABASES])
def test_nothing_is_left_to_do_whatever_is_asked(database, options):
    out = StringIO()

    call_command("migrate", database=database, stdout=out, **options)

    assert "Applying" not in out.getvalue()
    assert "CREATE" not in out.getvalue()


@pytest.mark.parametrize(
    ("options", "places"),
    [
        ((), [("default", None), ("ledger", "ledger")]),
        (("--database", "default"), [("default", None)]),
        (("--database", "ledger"), [("ledger", "ledger")]),
        (("bazaar", "0002"), [("default", "bazaar")]),
        (("ledger",), [("default", "ledger"), ("ledger", "ledger")]),
        (("ledger", "zero"), [("default", "ledger"), ("ledger", "ledger")]),
        (("ledger", "--database", "ledger"), [("ledger", "ledger")]),
        (("bazaar", "--database", "ledger"), [("ledger", "bazaar")]),
        (("bazaar", "--database", "default"), [("default", "bazaar")]),
    ],
)
def test_the_databases_and_apps_that_are_migrated(options, places, monkeypatch):
    migrated = []
    monkeypatch.setattr(
        migrate.Command, "handle", lambda _self, **found: migrated.append((found["database"], found["app_label"]))
    )

    call_command("migrate", *options, skip_checks=True)

    assert migrated == places
