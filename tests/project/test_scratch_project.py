"""A foreign project installs the wheel of the engine into an environment of its own, and everything works."""

import json
import os
import shutil
import signal
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PATIENCE = 120

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("scratch project")]


def run(*command: str | Path, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment(), capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def environment() -> dict[str, str]:
    """Nothing of this project: neither its settings nor its folder."""
    kept = (
        "PATH",
        "HOME",
        "LANG",
        "TMPDIR",
        "PIP_INDEX_URL",
        "PIP_EXTRA_INDEX_URL",
        "PIP_CONFIG_FILE",
        "PIP_CACHE_DIR",
    )
    return {name: os.environ[name] for name in kept if name in os.environ}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "maintenance", source / "maintenance", ignore=shutil.ignore_patterns("__pycache__"))
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source, cwd=folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_has_everything_of_the_engine_and_nothing_else(wheel):
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    kept = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "maintenance").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".md"
    }

    assert packed == kept
    assert "maintenance/py.typed" in packed


@pytest.fixture(scope="module")
def project(wheel, tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("scratch")
    shutil.copytree(ROOT / "tests" / "scratch_project", folder, dirs_exist_ok=True)
    venv.create(folder / "env", with_pip=True)
    pinned = folder / "pinned.txt"
    pinned.write_text("\n".join(requirements()))
    pip = (folder / "env" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--constraint", pinned, wheel, cwd=folder)
    return folder


def requirements() -> list[str]:
    """The pinned versions, without extras, which a constraint cannot have."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines())
    return [
        f"{name.partition('[')[0]}=={version}" for line in lines if line for name, _, version in [line.partition("==")]
    ]


def manage(project: Path, *arguments: str) -> str:
    return run(project / "env" / "bin" / "python", "manage.py", *arguments, cwd=project).stdout


def test_a_foreign_project_runs_its_job_and_opens_the_pages(project):
    manage(project, "check")
    manage(project, "migrate", "--verbosity=0")
    make = (
        "from shop.models import Cart; Cart.objects.bulk_create(Cart(changed_at='2020-01-01T00:00Z') for _ in range(3))"
    )
    manage(project, "shell", "--verbosity=0", "--command", make)

    dry = json.loads(manage(project, "cleanup_carts", "--dry-run", "--json"))
    assert dry["details"]["counts"] == {"would_delete": 3}
    real = json.loads(manage(project, "cleanup_carts", "--json"))
    assert real["details"]["counts"] == {"deleted": 3}

    names = [job["name"] for job in json.loads(manage(project, "jobs", "--json"))["jobs"]]
    assert names == ["cleanup-run-history", "cleanup-carts"]
    opened = run(project / "env" / "bin" / "python", "open_pages.py", cwd=project).stdout.splitlines()
    assert len(opened) > 6
    assert [line for line in opened[:-1] if not line.endswith(" 200")] == []
    assert opened[-1] == "changed False"


def test_the_cluster_of_a_foreign_project_proves_that_its_queue_works(project):
    manage(project, "migrate", "--verbosity=0")
    python = project / "env" / "bin" / "python"
    cluster = subprocess.Popen([python, "manage.py", "cluster"], cwd=project, env=environment())
    wait = (
        "import time\n"
        "from maintenance.models import Canary\n"
        f"end = time.monotonic() + {PATIENCE}\n"
        "while not Canary.objects.filter(echo__gt=0).exists():\n"
        "    assert time.monotonic() < end, 'no heartbeat of the queue'\n"
        "    time.sleep(0.2)\n"
    )
    try:
        manage(project, "shell", "--verbosity=0", "--command", wait)
    finally:
        cluster.send_signal(signal.SIGTERM)
        assert cluster.wait(PATIENCE) == 0
