"""The engine's settings: each has a default, and nothing but `maintenance.conf` reads them."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings

import maintenance
from maintenance import conf
from maintenance.conf import settings as engine
from maintenance.core import registry
from maintenance.core.errors import InvalidJob
from maintenance.core.variables import misspelt

FOLDER = Path(maintenance.__file__).parent
NAMES = [name for name, value in vars(conf.Settings).items() if isinstance(value, conf.Setting)]
DJANGOS_OWN = {"AUTH_USER_MODEL", "CACHES", "DEBUG"}


def settings_read(path):
    """Yield the names that a module reads of Django's settings."""
    tree = ast.parse(path.read_text())
    aliases = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.conf"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            yield node.attr


def test_no_module_reads_a_setting_that_has_no_default():
    paths = [path for path in FOLDER.rglob("*.py") if path.name != "conf.py" and "migrations" not in path.parts]
    assert len(paths) > 50
    read = {name for path in paths for name in settings_read(path)}
    assert "AUTH_USER_MODEL" in read
    assert read <= DJANGOS_OWN


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_a_default_and_can_be_overridden(settings, name):
    setattr(settings, name, None)
    default = getattr(engine, name)
    assert default is not None

    other = {"timeout": 7} if name == "Q_CLUSTER" else object()
    setattr(settings, name, other)
    assert getattr(engine, name) == (other if name != "Q_CLUSTER" else {**default, "timeout": 7, "retry": 607})


@pytest.mark.parametrize("name", NAMES)
def test_a_project_without_the_setting_gets_the_default(settings, name):
    assert hasattr(django_settings, name)
    delattr(settings, name)
    assert getattr(engine, name) is not None


PROJECT = """
SECRET_KEY = "k" * 50
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "scratch.sqlite3"}}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
INSTALLED_APPS += ["django_q", "maintenance"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "cache"}}
USE_TZ = True
"""


@pytest.mark.process
def test_a_project_without_any_setting_of_ours_can_begin(tmp_path):
    (tmp_path / "project.py").write_text(PROJECT)
    paths = os.pathsep.join([str(tmp_path), str(FOLDER.parent)])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": "project"}

    def run(*arguments):
        # django-q2 warns where it has no setting
        command = [sys.executable, "-W", "ignore", "-m", "django", *arguments]
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    for arguments, word in (
        (["migrate", "--verbosity", "0"], ""),
        (["sync_schedules"], ""),
        (["jobs"], "cleanup-run-history"),
        (["retention"], "Limit"),
    ):
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        assert word in done.stdout
    assert "No cluster is running" in run("doctor").stdout
    queue = (
        "from django_q.conf import Conf; print(Conf.ORM, Conf.TIMEOUT, Conf.RETRY, Conf.SCHEDULER, Conf.MAX_ATTEMPTS)"
    )
    assert run("shell", "-c", queue).stdout.splitlines()[-1] == "default 4200 4800 False 1"


def test_without_a_hook_no_run_leaves_a_trail(settings):
    settings.MAINTENANCE_AUDIT_TRAIL = ""
    trail = registry.audit_trail.__wrapped__()
    assert trail is registry.no_audit_trail
    assert trail(job="scratch", run_id=1, now=None, counts={}) is None


def test_a_job_without_a_description_is_refused(scratch_job):
    with pytest.raises(InvalidJob, match="no description"):
        scratch_job(description="")


def test_no_code_reads_a_docstring():
    root = Path(django_settings.BASE_DIR)
    paths = [path for part in ("bazaar", "maintenance", "benchmarks") for path in (root / part).rglob("*.py")]
    assert len(paths) > 100
    for path in [*paths, root / "manage.py"]:
        assert not re.search(r"__doc__|getdoc\(", path.read_text()), path


def test_an_assumed_limit_counts_while_it_is_assumed(settings):
    settings.SCRATCH_RETENTION_DAYS = 90
    with conf.assuming({"SCRATCH_RETENTION_DAYS": "60"}) as read:
        assert conf.limit_of("SCRATCH_RETENTION_DAYS") == "60"
        with conf.assuming({"OTHER_DAYS": " "}) as inner:
            assert conf.limit_of("SCRATCH_RETENTION_DAYS") == 90
            assert conf.limit_of("OTHER_DAYS") is None
        assert conf.limit_of("SCRATCH_RETENTION_DAYS") == "60"
    assert (read, inner) == ({"SCRATCH_RETENTION_DAYS"}, {"SCRATCH_RETENTION_DAYS", "OTHER_DAYS"})

    assert conf.limit_of("SCRATCH_RETENTION_DAYS") == 90


KNOWN = {"PUSH_TOKEN_RETENTION_DAYS", "SECRET_KEY", "ALLOWED_HOSTS", "MAINTENANCE_BATCH_PAUSE", "Q_WORKERS", "DEBUG"}


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        ("PUSH_TOKEN_RETENTION_DAY", "PUSH_TOKEN_RETENTION_DAYS"),
        ("push_token_retention_days", "PUSH_TOKEN_RETENTION_DAYS"),
        ("TOKEN_RETENTION", "PUSH_TOKEN_RETENTION_DAYS"),
        ("SECRETKEY", "SECRET_KEY"),
        ("ALLOWED_HOST", "ALLOWED_HOSTS"),
        ("MAINTENANCE_PAUSE", "MAINTENANCE_BATCH_PAUSE"),
        ("Q_WORKER", "Q_WORKERS"),
        ("debug", "DEBUG"),
    ],
)
def test_a_name_that_looks_like_ours_is_told_with_the_likely_one(name, likely):
    assert misspelt([name], KNOWN) == {name: likely}


@pytest.mark.parametrize(
    "name", [*sorted(KNOWN), "PATH", "HOME", "HOSTNAME", "ENV_FILE", "Q_CLUSTER_NAME", "DEBIAN_FRONTEND"]
)
def test_a_name_of_others_is_not_told(name):
    assert misspelt([name], KNOWN) == {}
