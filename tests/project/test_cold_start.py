"""A command loads what it uses: a library that it does not need is not imported."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.process

HEAVY = (
    "apprise",
    "requests",
    "PIL.Image",
    "django_q.cluster",
    "hypothesis",
    "maintenance.cluster.supervisor",
    "pickletools",
    "playwright",
    "psutil._common",
    "pytest",
    "sdnotify",
    "stdnum",
    "phonenumbers",
)
"""What no plain command needs."""
TABLES = ("rich.console", "rich.progress")
"""What only a table or a bar on a terminal needs."""
SHOW = "import atexit, runpy, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
RUN = "sys.argv[:] = ['manage.py', *sys.argv[1:]]; runpy.run_path('manage.py', run_name='__main__')"


@pytest.fixture
def loaded(tmp_path):
    """Run a command on a database of its own; return the names of the modules that it has imported."""
    variables = {
        "ENV_FILE": "",
        "SECRET_KEY": "only-for-tests-" + "0" * 50,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'main.sqlite3'}",
        "LEDGER_DATABASE_URL": f"sqlite:///{tmp_path / 'ledger.sqlite3'}",
        "UPLOADS_PATH": str(tmp_path / "uploads"),
        "CACHE_URL": f"filecache://{tmp_path / 'cache'}",
        "DJANGO_SETTINGS_MODULE": "bazaar.settings",
        "PATH": os.environ["PATH"],
    }

    def run(*arguments):
        command = [sys.executable, "-c", SHOW + RUN, *arguments]
        done = subprocess.run(
            command, check=False, cwd=settings.BASE_DIR, env=variables, capture_output=True, text=True
        )
        modules = done.stderr.splitlines()[-1].split()
        assert "django.db.models" in modules, done
        return done.returncode, set(modules)

    return run


@pytest.mark.parametrize(
    "command", [["version"], ["jobs"], ["cleanup_invitations", "--json"], ["retention", "--json"], ["doctor", "--help"]]
)
def test_a_plain_command_imports_nothing_that_it_does_not_use(loaded, command):
    _status, modules = loaded(*command)

    assert modules.isdisjoint(HEAVY), modules & set(HEAVY)
    if command != ["jobs"]:
        assert modules.isdisjoint(TABLES), modules & set(TABLES)


def test_a_job_that_runs_imports_no_library_for_terminals_or_pictures(loaded):
    assert loaded("migrate", "-v0")[0] == 0

    status, modules = loaded("cleanup_invitations", "--json")

    assert status == 0
    assert modules.isdisjoint({*HEAVY, *TABLES}), modules & {*HEAVY, *TABLES}
