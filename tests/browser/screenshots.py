"""Take the screenshots of the documentation: `python -m tests.browser.screenshots`, or of the scenes that are named.

It brings its own database and server, and needs a browser.
"""

import os
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
COLOURS = 128
"""A page needs no more, and the files become a third as large."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings.postgresql")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright has an event loop in this thread
    import django

    django.setup()
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases
    from pytest_django.live_server_helper import LiveServer

    from tests.browser.chromium import executable

    if executable() is None:
        sys.exit("There is no browser: install Chromium.")
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    server = LiveServer("localhost")
    try:
        take_all(server.url, sys.argv[1:])
    finally:
        server.stop()
        end_other_sessions()
        teardown_databases(databases, verbosity=0)


def end_other_sessions() -> None:
    """End what the server's threads still hold, so that the database can go."""
    from django.db import connections

    others = "datname = current_database() AND pid <> pg_backend_pid()"
    for connection in connections.all():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


def take_all(url: str, wanted: list[str]) -> None:
    """Take every scene, or those that are wanted, light and dark, wide and narrow."""
    from tests.browser.chromium import NARROW, WIDE, browser, cookie_of
    from tests.browser.scenes import scenes
    from tests.factories import UserFactory

    FOLDER.mkdir(parents=True, exist_ok=True)
    operator = UserFactory(email="operator@example.org", name="Operator", is_staff=True, is_superuser=True)
    with browser() as chromium:
        pages = {}
        for theme in ("light", "dark"):
            for width in (WIDE, NARROW):
                size = {"width": width, "height": 900}
                context = chromium.new_context(base_url=url, color_scheme=theme, viewport=size)
                context.add_cookies([cookie_of(operator, url)])
                pages[f"{theme}{'' if width == WIDE else '-narrow'}"] = context.new_page()
        for scene in scenes():
            for look, page in pages.items() if scene.name in wanted or not wanted else ():
                scene.show(page)
                take(page, FOLDER / f"{scene.name}-{look}.png")


def take(page: Any, path: Path) -> None:
    """Take one whole page, with few colours."""
    from PIL import Image

    page.screenshot(path=path, full_page=True, animations="disabled")
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS)
    small.save(path, optimize=True)
    sys.stdout.write(f"{path.relative_to(FOLDER.parents[1])}\n")


if __name__ == "__main__":
    main()
