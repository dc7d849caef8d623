"""On the narrowest phone, and at 200 % zoom, no page scrolls sideways: a wide table scrolls in its own frame.

The tables of a phone at half past four do not scroll at all: their cells stand below one another.
"""

import pytest

from tests.browser.chromium import NARROW
from tests.browser.conftest import OPERATOR, PRIVACY
from tests.browser.scenes import scenes

pytestmark = [pytest.mark.process, pytest.mark.postgresql]  # a browser and a server at the same time

NARROWEST = 320
"""Pixels: what a page must do with by WCAG 2.2, criterion 1.4.10."""
ZOOMED = 640
"""Pixels that remain of 1280 at 200 % (criterion 1.4.4)."""
BOXES = "html, body, #container, .main, .content, #content, #content-main, .mb"
"""The boxes of the admin around a page: each one scrolls what is wider than itself."""
STACKED = ".mb-stack"
SCROLL = """selector => [...document.querySelectorAll(selector)]
    .filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => `${one.nodeName}#${one.id} ${one.scrollWidth} > ${one.clientWidth}`)"""


def test_no_page_scrolls_sideways(visit):
    page = visit(*OPERATOR, *PRIVACY, viewport={"width": NARROWEST, "height": 700}).new_page()
    seen, stacked, problems = 0, set(), {}
    for scene in scenes():
        scene.show(page)
        page.evaluate("for (const element of document.querySelectorAll('details')) { element.open = true; }")
        seen += 1
        for width, selector in ((NARROWEST, BOXES), (NARROW, STACKED), (ZOOMED, BOXES)):
            page.set_viewport_size({"width": width, "height": 700})
            if found := page.evaluate(SCROLL, selector):
                problems[scene.name, width] = found
        stacked |= {scene.name} if page.query_selector(STACKED) else set()
        page.set_viewport_size({"width": NARROWEST, "height": 700})
    assert seen > 20
    assert {"failures", "job", "cluster", "report", "retention", "index"} <= stacked
    assert problems == {}


@pytest.mark.parametrize("theme", ["none", "active"])
def test_the_states_stand_there_without_a_script(visit, theme):
    """Forced colours leave no background and no tone: icon and word say the state."""
    page = visit(*OPERATOR, java_script_enabled=False, forced_colors=theme).new_page()
    words = {}
    for scene in scenes():
        if scene.name in {"jobs", "run-failed", "failures", "cluster"}:
            scene.show(page)
            words[scene.name] = page.locator(".mb-state").all_inner_texts()
            assert page.locator(".mb-state .mb-icon").count() == len(words[scene.name])
    assert {"Error", "Running", "Disabled", "Healthy"} <= {word.strip() for word in words["jobs"]}
    assert "Failed" in words["run-failed"]
    assert "Crashed" in words["failures"]
    assert "not responding" in words["cluster"]
