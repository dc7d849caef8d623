"""The engine's tests need no project: a job of another one would pass them."""

import ast
from pathlib import Path

from django.conf import settings

TESTS = Path(settings.BASE_DIR) / "tests"
FOLDERS = ("core", "engine", "jobs", "scheduling")
MAY_USE_BAZAAR: dict[str, str] = {}
"""Test files of these folders that may import `bazaar`, and why."""


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_the_engines_own_tests_import_nothing_of_the_project():
    paths = [path for folder in FOLDERS for path in (TESTS / "maintenance" / folder).glob("*.py")]
    paths += [TESTS / "engine_fixtures.py", TESTS / "engine_app" / "models.py"]
    assert len(paths) > 20
    found = {
        str(path.relative_to(TESTS))
        for path in paths
        for name in imports(path)
        if name.split(".")[0] == "bazaar" or name in {"tests.factories", "tests.bazaar_fixtures"}
    }
    assert found == set(MAY_USE_BAZAAR)
