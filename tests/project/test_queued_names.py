"""Tasks that an older version has queued: every function that any version named can still be called."""

import re
import subprocess

import pytest
from django.conf import settings

from maintenance.core import queue_functions
from maintenance.health import canary

CONSTANT = re.compile(r'^\+[A-Z_]+ = "(maintenance(?:\.\w+)+)"$', re.MULTILINE)


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout


def was_a_function(name: str) -> bool:
    module, _, function = name.rpartition(".")
    return bool(git("log", "--format=%h", f"-Sdef {function}(", "--", f"{module.replace('.', '/')}.py"))


def has_history() -> bool:
    """Whether this folder is a repository that has a commit."""
    if not (settings.BASE_DIR / ".git").exists():
        return False
    command = ["git", "rev-parse", "--quiet", "--verify", "HEAD"]
    return subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def names() -> set[str]:
    """All dotted paths of functions that constants of any commit have held."""
    if not has_history():
        pytest.skip("without the history")
    found = git("log", "--format=", "-p", "-G^[A-Z_]+ = .maintenance[.]", "--", "maintenance")
    return {name for name in CONSTANT.findall(found) if was_a_function(name)}


def test_every_function_that_any_version_queued_can_be_called(names):
    assert {"maintenance.tasks.run_scheduled", "maintenance.tasks.run_queued", canary.COME_BACK} <= names

    assert [name for name in sorted(names) if name not in queue_functions.OURS] == []
