"""On paper each page shows all that it says from the first sheet on, and nothing that only a screen can do."""

import pytest

from tests.browser.conftest import OPERATOR, PRIVACY
from tests.browser.scenes import scenes

pytestmark = [pytest.mark.process, pytest.mark.postgresql]  # a browser and a server at the same time

FORMS = {"index", "deletion-cancel", "deletion-request"}
"""Pages that ask or lead on: nobody prints them."""
SHEET = 700
"""Pixels: the width of an A4 sheet between its margins, at 96 a inch."""
OF_A_SCREEN = (
    "#nav-sidebar, #header, .breadcrumbs, .mb-nav, #changelist-filter, .actions, .object-tools, button, input, select"
)
SHOWN = """selector => [...document.querySelectorAll(selector)]
    .filter(one => one.offsetParent)
    .map(one => one.outerHTML.slice(0, 80))"""
CUT_OFF = """() => [...document.querySelectorAll('*')]
    .filter(one => one.offsetParent && !one.closest('.visually-hidden'))
    .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible')
    .map(one => one.outerHTML.slice(0, 80))"""
TOP = "document.querySelector('h1, h2').getBoundingClientRect().top"


def test_the_pages_print(visit):
    page = visit(*OPERATOR, *PRIVACY).new_page()
    page.set_viewport_size({"width": SHEET, "height": 1000})
    problems, on_a_screen = [], 0
    for scene in scenes():
        if scene.name in FORMS:
            continue
        page.emulate_media(media="screen")
        scene.show(page)
        on_a_screen += len(page.evaluate(SHOWN, OF_A_SCREEN))
        page.emulate_media(media="print")
        problems += [(scene.name, "is printed", shown) for shown in page.evaluate(SHOWN, OF_A_SCREEN)]
        problems += [(scene.name, "is cut off", shown) for shown in page.evaluate(CUT_OFF)]
        if page.evaluate("document.documentElement.scrollWidth") > SHEET:
            problems.append((scene.name, "is wider than the sheet"))
        if page.evaluate(TOP) > 150:
            problems.append((scene.name, "does not begin at the top"))
    assert on_a_screen > 100
    assert problems == []
