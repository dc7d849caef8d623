"""The house: who may import whom."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def modules_of(package):
    return sorted((ROOT / package).rglob("*.py"))


WHERE_THEY_MEET = ("maintenance/jobs/", "maintenance/management/commands/", "maintenance/personal_data.py")


def test_the_engine_knows_no_model_of_the_domain():
    for path in modules_of("maintenance"):
        if str(path.relative_to(ROOT)).startswith(WHERE_THEY_MEET):
            continue
        domain = [name for name in imported_modules(path) if name.split(".")[0] == "bazaar"]
        assert set(domain) <= {"maintenance.core.array_lookup"}, path


@pytest.mark.parametrize("name", ["status", "measures", "checks", "results", "cron", "retention", "states", "overdue"])
def test_the_read_side_never_starts_a_run(name):
    imported = set(imported_modules(ROOT / "maintenance" / f"{name}.py"))
    assert not imported & {
        "maintenance.engine.runner",
        "maintenance.engine.executor",
        "maintenance.scheduling.controls",
    }
