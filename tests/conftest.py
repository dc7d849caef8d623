"""Fixtures that all tests may use."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["tests.bazaar_fixtures", "tests.engine_fixtures", "tests.object_store_fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database",
        action="store_true",
        help="only tests that use the database: for a second run, on another database",
    )
    parser.addoption("--long", action="store_true", help="the long form of the tests that start and kill processes")


@pytest.fixture(scope="session", autouse=True)
def _reset_by_what_is_there() -> None:
    from tests import reset

    reset.install()


HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGURG)


@pytest.fixture(scope="session", autouse=True)
def _no_signal_is_ignored() -> None:
    """Hear signals that whoever started the tests ignores, as a shell does with SIGINT for a command with `&`."""
    for number in HANDLED:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """Put signal handlers back after each test: a process that a later test starts inherits what is ignored."""
    before = {number: signal.getsignal(number) for number in HANDLED}
    yield
    for number, handler in before.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)


@pytest.fixture(autouse=True)
def _all_times_are_to_come(request: pytest.FixtureRequest, _django_db_marker: None) -> None:
    """Let no scheduled time have passed when a test begins, however long ago the database was made."""
    if not request.node.get_closest_marker("django_db"):
        return
    from django.utils import timezone
    from django_q.models import Schedule

    from maintenance.scheduling import schedules

    if Schedule.objects.filter(next_run__lte=timezone.now()).exists():
        schedules.ours().delete()
        schedules.synchronise()


@pytest.fixture
def long_form(request: pytest.FixtureRequest) -> bool:
    """Whether process tests should take their time."""
    return bool(request.config.getoption("--long"))


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses among them
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from django.db import connection

    for item in items:
        if item.get_closest_marker("process") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.slow)
        _let_it_use_the_ledger(item)
    if config.getoption("--only-database"):
        others = [item for item in items if not item.get_closest_marker("django_db")]
        items[:] = [item for item in items if item.get_closest_marker("django_db")]
        config.hook.pytest_deselected(items=others)
    if connection.vendor == "postgresql":
        return
    for item in items:
        if item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.skip(reason="only PostgreSQL can do this"))


def _let_it_use_the_ledger(item: pytest.Item) -> None:
    """Give a test that uses the database both of them: each decision about a person is written to the ledger too."""
    marker = item.get_closest_marker("django_db")
    fixtures = {"db", "transactional_db", "live_server"} & {*getattr(item, "fixturenames", ())}
    if marker or fixtures:
        values = {"transaction": bool(fixtures - {"db"})} | (marker.kwargs if marker else {})
        item.add_marker(pytest.mark.django_db(**values | {"databases": "__all__"}), append=False)


@pytest.fixture
def refuse_to_delete(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the system refuse to delete files of some names, as in a folder that is read-only."""
    unlink = os.unlink

    def refuse(*names: str) -> None:
        def refusing(path: str, **options: Any) -> None:
            if Path(path).name in names:
                raise PermissionError(13, "Permission denied", path)
            unlink(path, **options)

        monkeypatch.setattr(os, "unlink", refusing)

    return refuse
