"""On the narrowest phone no page scrolls sideways: a wide table scrolls in its own frame."""

import pytest

from tests.browser.conftest import OPERATOR, PRIVACY
from tests.browser.scenes import scenes

pytestmark = [pytest.mark.process, pytest.mark.postgresql]  # a browser and a server at the same time

NARROWEST = 320
"""Pixels: what a page must do with by WCAG 2.2, criterion 1.4.10."""
BOXES = "html, body, #container, .main, .content, #content, #content-main, .mb"
"""The boxes of the admin around a page: each one scrolls what is wider than itself."""
SCROLL = """selector => [...document.querySelectorAll(selector)]
    .filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => `${one.nodeName}#${one.id} ${one.scrollWidth} > ${one.clientWidth}`)"""


def test_no_page_scrolls_sideways(visit):
    page = visit(*OPERATOR, *PRIVACY, viewport={"width": NARROWEST, "height": 700}).new_page()
    seen, problems = 0, {}
    for scene in scenes():
        scene.show(page)
        page.evaluate("for (const element of document.querySelectorAll('details')) { element.open = true; }")
        seen += 1
        if found := page.evaluate(SCROLL, BOXES):
            problems[scene.name] = found
    assert seen > 20
    assert problems == {}
