"""No function is longer than a screen, and no file longer than can be read at one go."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
LONGEST_FUNCTION = 40
LONGEST_FILE = 250
SOURCES = sorted(
    path.relative_to(ROOT)
    for folder in ("bazaar", "maintenance", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)


def lengths(source):
    """Yield the name and the lines of each function, from `def` to its end."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_no_function_is_longer_than_40_lines(path):
    assert {name: lines for name, lines in lengths((ROOT / path).read_text()) if lines > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_no_file_is_longer_than_250_lines(path):
    assert len((ROOT / path).read_text().splitlines()) <= LONGEST_FILE


def test_the_lines_of_a_function_inside_another_are_counted():
    assert dict(lengths("def f():\n    def g():\n        return 1\n\n    return g\n")) == {"f": 5, "g": 2}
