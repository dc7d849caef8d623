"""No two checks of the project share an id: who silences one, or looks it up, means one."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ID = re.compile(r"(bazaar|maintenance)\.[EW][0-9]{3}")


def ids_in(path):
    """Yield each id of a check that a module names, with the function that makes it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and ID.fullmatch(part.value):
                    yield part.value, f"{path.relative_to(ROOT)}:{node.name}"


def checks_by_id():
    found = defaultdict(set)
    for package in ("bazaar", "maintenance"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for code, place in ids_in(path):
                found[code].add(place)
    return found


def test_no_two_checks_share_an_id():
    found = checks_by_id()

    assert len(found) > 20, "the ids are found"
    assert {code: places for code, places in found.items() if len(places) > 1} == {}


def test_an_id_names_the_package_that_has_its_check():
    foreign = {
        code: places
        for code, places in checks_by_id().items()
        for place in places
        if not place.startswith(code.partition(".")[0])
    }

    assert set(foreign) <= {"maintenance.E005"}, "a job of the site makes it in the name of the engine"
