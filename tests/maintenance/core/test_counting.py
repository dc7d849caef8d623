"""A number goes with the right form of what it counts, wherever the program says one."""

import ast
import re
from pathlib import Path

import pytest

from maintenance.core import registry
from maintenance.core.counting import among, counted, named

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [path for folder in ("bazaar", "maintenance") for path in sorted((ROOT / folder).rglob("*.py"))]
TEMPLATES = [path for folder in ("bazaar", "maintenance") for path in sorted((ROOT / folder).rglob("*.html"))]
PLURAL = re.compile(r" (?!is\b|was\b|has\b|stays\b|of\b)(?:[a-z-]+ ){0,2}?[a-z]{2,}s\b(?! of\b)")
"""What begins so after a number is right for every number but one."""
SHOWN = re.compile(r"\{\{ (?P<name>\w+) \}\}(?P<after> [a-z-]+)")
BLOCK = re.compile(r"\{% blocktranslate(?P<head>[^%]*)%\}(?P<body>.*?)\{% endblocktranslate %\}", re.DOTALL)
ALWAYS_MANY = {"unusual.html", "job.html", "confirmation.html"}
"""More than the floor of the volume guard; more runs than one page has; as many as are counted, or more."""
JOB = re.compile(r"\b2 (?P<noun>[a-z-]+(?: [a-z-]+)*)")
NOUN = ("address", "addresses")


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 addresses"), (1, "1 address"), (2, "2 addresses"), (1_000, "1,000 addresses")]
)
def test_a_number_has_its_noun(number, text):
    assert counted(number, NOUN) == text
    assert named(number, NOUN) == text.split()[1]


def test_the_parts_of_a_count_are_told_in_their_order():
    nouns = {"addresses": NOUN, "runs": ("run", "runs"), "tokens": ("token", "tokens")}
    assert among({"tokens": 2, "addresses": 1, "runs": 0}, nouns) == "Among them: 1 address, 2 tokens."
    assert among({"runs": 0}, nouns) == ""


class _Each(dict):
    """Counts of which there is the same number of everything."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def __missing__(self, key):
        return self.number

    def get(self, key, default=None):
        return self.number


@pytest.mark.parametrize("job", registry.all_jobs(), ids=lambda job: job.name)
def test_the_remark_of_a_job_is_right_for_one_of_each(job):
    one, two = (job.remark(_Each(number), ()) for number in (1, 2))
    for phrase in JOB.finditer(two):
        assert f"1 {phrase['noun']}" not in one


def test_some_jobs_have_a_remark():
    remarks = [job.remark(_Each(1), ()) for job in registry.all_jobs()]
    assert "Among them: 1 refresh token, 1 magic link, 1 session, 1 login attempt, " in " ".join(remarks)
    assert sum(map(bool, remarks)) >= 6


def test_no_text_has_a_number_before_a_plural_of_its_own():
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                found += [f"{path.name}: {text}" for text in _after_figures(node) if PLURAL.match(text)]
    assert any("counted(" in path.read_text() for path in SOURCES)
    assert found == []


def _after_figures(node):
    """Yield what follows each number that is shown with separators of thousands."""
    for value, after in zip(node.values, node.values[1:], strict=False):
        is_figure = isinstance(value, ast.FormattedValue) and value.format_spec and ast.unparse(value.format_spec)
        if is_figure == "f','" and isinstance(after, ast.Constant):
            yield after.value


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_sentence_of_a_page_has_a_form_for_one(path):
    blocks = [b for b in BLOCK.finditer(path.read_text()) if "plural" not in b["body"]]
    found = [
        shown[0]
        for block in blocks
        for shown in SHOWN.finditer(block["body"])
        if f"{shown['name']}=" in block["head"] and PLURAL.match(shown["after"])
    ]
    assert found == [] or path.name in ALWAYS_MANY
