"""axe-core finds nothing on any page, in both themes, on a wide and on a narrow window."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.chromium import NARROW, WIDE
from tests.browser.conftest import OPERATOR, PRIVACY
from tests.browser.scenes import scenes

pytestmark = [pytest.mark.process, pytest.mark.postgresql]  # a browser and a server at the same time

RUN = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"], preload: false});
    return found.violations.map(({id, nodes}) => [id, ...nodes.slice(0, 3).map(node => node.html.slice(0, 120))]);
}"""
STOCK = {"runs": {"label-title-only"}, "deletions": {"label-title-only"}}
"""What Django's own lists are known for: the label of their search is a picture."""


def looks(page):
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for width in (WIDE, NARROW):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(200)  # colours change gradually
            yield theme, width


def test_the_pages_are_accessible(visit):
    page = visit(*OPERATOR, *PRIVACY).new_page()
    problems = []
    for scene in scenes():
        scene.show(page)
        page.evaluate("for (const element of document.querySelectorAll('details')) { element.open = true; }")
        page.evaluate(Axe().axe_script)
        for theme, width in looks(page):
            found = [one for one in page.evaluate(RUN) if one[0] not in STOCK.get(scene.name, ())]
            problems += [(scene.name, theme, width, *violation) for violation in found]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                problems.append((scene.name, theme, width, "wider than the window"))
    assert problems == []
