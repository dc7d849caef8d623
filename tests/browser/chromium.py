"""A browser for the tests, and what it complains about."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = 1280, 390
"""Widths of the window, in pixels."""


def executable() -> str | None:
    """Return where the browser is, or `None` where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser with a fresh profile, and end it."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield chromium
        chromium.close()


def cookie_of(user: Any, url: str) -> dict[str, str]:
    """Return a cookie with which `user` is logged in."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


class Complaints:
    """What the browser has to complain about: errors and warnings of the console, violations of the policy."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.expected: list[str] = []

    def listen_to(self, context: BrowserContext) -> None:
        context.on("page", self._listen_to_page)

    def _listen_to_page(self, page: Page) -> None:
        page.on("console", lambda message: self._add(message.type, f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.found.append(f"uncaught: {error}"))

    def _add(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(words in text for words in self.expected):
            self.found.append(text)
