"""The read side has each rule once: times, finding a job, counting, the statement limit."""

import ast
import re
from pathlib import Path

import pytest

import maintenance

ROOT = Path(maintenance.__file__).parent
READ_SIDE = ("health", "reporting", "pages", "templatetags", "cli", "management")
FILES = [path for folder in READ_SIDE for path in sorted((ROOT / folder).rglob("*.py"))]
RULES = {
    "times are formatted by time_text": re.compile(r"%Y-%m-%d|%H:%M|strftime|timesince|naturaltime"),
    "jobs are found by registry.find": re.compile(r"for job in registry\.all_jobs\(\) if job\.name =="),
    "names of jobs come from registry.names": re.compile(r"job\.name for job in registry\.all_jobs\(\)"),
    "the statement limit is that of core.database": re.compile(r"statement_timeout"),
    "due items are counted by core.backlog": re.compile(r"\.due\.(count|exists|aggregate)|stage\.due\.order_by"),
    "cached counts are in cached_backlog": re.compile(r"cache\.(set|get)\("),
}
HOME = {"cached counts are in cached_backlog": "cached_backlog.py"}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_one_place(rule):
    assert len(FILES) > 40
    found = {path.name for path in FILES if RULES[rule].search(path.read_text())}

    assert found == ({HOME[rule]} if rule in HOME else set())


def test_only_one_module_formats_times():
    times = re.compile(r"%Y-%m-%d|%H:%M|strftime")
    sql = {"clock.py", "account_triggers.py"}  # the database's own function, in statements
    files = [path for folder in (ROOT, ROOT.parent / "bazaar") for path in folder.rglob("*.py")]

    found = {path.name for path in files if times.search(path.read_text()) and "migrations" not in path.parts}
    assert found - sql == {"time_text.py"}


NEVER_STARTS_A_RUN = sorted(
    path
    for folder in ("health", "reporting", "pages", "templatetags")
    for path in (ROOT / folder).glob("*.py")
    if path.name not in {"__init__.py", "actions.py", "schedule.py", "canary.py"}
)


@pytest.mark.parametrize("path", NEVER_STARTS_A_RUN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_read_side_never_starts_a_run(path):
    froms = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    imported = {part for node in froms for name in node.names for part in f"{node.module}.{name.name}".split(".")}

    assert not imported & {"runner", "executor", "controls", "run_requests", "async_task"}
