"""`manage.py quickstart`, as somebody who has just cloned the project would meet it."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from maintenance.core import registry

pytestmark = pytest.mark.slow

ROOT = Path(settings.BASE_DIR)
NOTHING_TO_DO = {"cleanup-ledger", "send-deletion-notices"}
"""Jobs that have nothing to do: a new ledger holds nothing of four years ago, and without `EMAIL_URL` no mail waits."""


@pytest.fixture
def clone(tmp_path):
    """A copy of the program without `.env` and data, and how to call its `manage.py`."""
    for name in ("bazaar", "maintenance"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "manage.py", tmp_path)

    def manage(*args, status=0, **environment):
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        done = subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=tmp_path,
            env=kept | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    manage.folder = tmp_path
    return manage


def test_it_goes_from_nothing_to_jobs_that_did_real_work(clone):
    out, err = clone("quickstart", "--scale", "0.1")

    env = clone.folder / ".env"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert ".env" in err
    for job in registry.all_jobs():
        [line] = [line for line in out.splitlines() if line.startswith(f"{job.name} ")]
        assert "succeeded" in line.lower()
        found_nothing = "no " in line.lower().split("succeeded")[1]
        assert found_nothing == (job.name in NOTHING_TO_DO), "each other job finds something to do"
    assert out.splitlines()[-1].endswith("python manage.py cluster")
    password = re.search(r"password\s+(\S+)", out).group(1)
    assert password not in env.read_text()
    check = (
        "from django.contrib.auth import authenticate; import sys;"
        f"sys.exit(not authenticate(email='admin@example.org', password={password!r}).is_superuser)"
    )
    clone("shell", "-c", check)

    out, _ = clone("doctor", "--json", status=1)
    troubles = {found["code"] for found in json.loads(out)["verdicts"] if found["level"] != "well"}
    assert troubles == {"no-cluster"}, "nothing but the cluster is missing"

    key = env.read_text()
    out, err = clone("quickstart", "--scale", "0.1", status=1)
    assert "users already" in err
    assert env.read_text() == key
    out, _ = clone("jobs", "history", registry.all_jobs()[0].name, "--json")
    assert out.count('"run_id"') == 1, "the second call ran nothing"


def test_without_a_key_every_other_start_ends_in_one_sentence(clone):
    for args in (["check"], ["jobs"], ["migrate"], ["cleanup_push_tokens"]):
        out, err = clone(*args, status=78)
        assert out == ""
        assert err.count("\n") == 1
        assert "SECRET_KEY" in err
    out, err = clone("jobs", "run", "cleanup-push-tokens", "--json", status=78)
    assert err == ""
    assert json.loads(out)["error"].keys() == {"code", "message", "exit_status"}
    assert "SECRET_KEY" in json.loads(out)["error"]["message"]
    assert not (clone.folder / ".env").exists()


def test_it_refuses_without_debug(clone):
    _, err = clone("quickstart", status=78, SECRET_KEY="k" * 50)

    assert "DEBUG" in err
    assert not (clone.folder / ".env").exists()
    assert not list(clone.folder.glob("data/*.sqlite3"))


def test_a_number_that_cannot_be_read_is_told_by_its_name(clone):
    _, err = clone("check", status=78, SECRET_KEY="k" * 50, MAINTENANCE_BATCH_PAUSE="soon")

    assert "MAINTENANCE_BATCH_PAUSE" in err
    assert err.count("\n") == 1
