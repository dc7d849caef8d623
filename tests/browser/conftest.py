"""A browser at a live server on the tests' database, somebody who is logged in, and a real cluster."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from maintenance.scheduling import schedules
from tests.browser.chromium import NAMES, WIDE, Complaints, browser as started_browser, cookie_of, executable
from tests.cluster.conftest import cluster  # noqa: F401 - a fixture
from tests.factories import UserFactory
from tests.processes.conftest import backlog, environment, start, until  # noqa: F401 - fixtures

OPERATOR = ("view_jobrun", "run_job", "cancel_run", "schedule_job")
PRIVACY = ("view_user", "add_deletionrequest", "view_deletionrequest", "change_deletionrequest")
PATIENCE = 60_000
"""Milliseconds that the browser waits for what should be there."""

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")  # its event loop must not be there for other tests
def chromium() -> Iterator[Browser]:
    if executable() is None:
        reason = f"There is no browser: none of {', '.join(NAMES)} is installed."
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    former = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # Playwright has an event loop in this thread, and Django would refuse to touch the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with started_browser() as chromium:
        yield chromium
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
    if former is not None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = former


@pytest.fixture(autouse=True)
def _migrated(transactional_db: None) -> None:
    """What `migrate` leaves behind, and flushing the database took: permissions by now, schedules here."""
    cache.clear()
    schedules.synchronise()


def person(*permissions: str) -> Any:
    """Make somebody of the staff with some permissions."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Fail when the browser complained about anything that the test did not expect."""
    complaints = Complaints()
    yield complaints
    assert complaints.found == []


@pytest.fixture
def visit(chromium: Browser, live_server: Any, complaints: Complaints) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser for somebody with some permissions; keyword arguments are options of its context."""
    contexts = []

    def begin(*permissions: str, **options: Any) -> BrowserContext:
        size = {"width": WIDE, "height": 900}
        context = chromium.new_context(**{"base_url": live_server.url, "viewport": size} | options)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([cookie_of(person(*permissions), live_server.url)])
        complaints.listen_to(context)
        contexts.append(context)
        return context

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture
def page(visit: Callable[..., BrowserContext]) -> Page:
    """A page of somebody who may do everything with jobs."""
    return visit(*OPERATOR).new_page()


@pytest.fixture
def jobs() -> str:
    return reverse("admin:maintenance_jobs")


@pytest.fixture
def job() -> Callable[[str], str]:
    return lambda name: reverse("admin:maintenance_job", args=[name])
