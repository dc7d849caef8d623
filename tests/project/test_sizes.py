"""No function is longer than a screen, and no file longer than can be read at one go."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
LONGEST_FUNCTION = 40
LONGEST_FILE = 250
LONGEST_FILE_OF_TESTS = 300
SOURCES = sorted(
    path.relative_to(ROOT)
    for folder in ("bazaar", "maintenance", "benchmarks", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)


def lengths(source):
    """Yield the name and the lines of each function, from `def` to its end."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("path", [path for path in SOURCES if path.parts[0] != "tests"], ids=str)
def test_no_function_is_longer_than_40_lines(path):
    assert {name: lines for name, lines in lengths((ROOT / path).read_text()) if lines > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_no_file_is_longer_than_250_lines_or_300_of_tests(path):
    most = LONGEST_FILE_OF_TESTS if path.parts[0] == "tests" else LONGEST_FILE
    assert len((ROOT / path).read_text().splitlines()) <= most


def test_the_lines_of_a_function_inside_another_are_counted():
    assert dict(lengths("def f():\n    def g():\n        return 1\n\n    return g\n")) == {"f": 5, "g": 2}
