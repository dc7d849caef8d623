"""Commands that are called in this process."""

import pytest
from django.db import connections

from maintenance.cli import tables
from tests.project.printed import Ended


@pytest.fixture
def manage(capsys, monkeypatch):
    """Call a command as `manage.py` does, in this process."""
    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's own transaction
    monkeypatch.setattr(tables, "UNBROKEN", 80)

    def manage(invocation, *arguments):
        capsys.readouterr()
        status = 0
        try:
            invocation.load().run_from_argv(["manage.py", *invocation.path, *map(str, arguments)])
        except SystemExit as end:
            status = end.code or 0
        return Ended(status, *capsys.readouterr())

    return manage


@pytest.fixture(autouse=True)
def channel(monkeypatch, settings):
    """A channel of alerts that takes everything."""
    settings.ALERT_URLS = ["json://alerts.example.org"]
    monkeypatch.setattr("maintenance.alerts.delivery.deliver", lambda *_args: "")


@pytest.fixture
def people():
    """Whom a request can be made for, and a request that can be cancelled; nobody yet."""
    return {"user": 404, "request": 404, "hold": 404, "completed": 404}
