"""How a command starts, as an operator would start it: what is wrong is one sentence and status 78, whatever it is."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
KEY = "only-for-tests-" + "0" * 50
SECRET = "Tr0ub4dor"

pytestmark = pytest.mark.process


@pytest.fixture
def clone(tmp_path):
    """A copy of the program, and how to call its `manage.py`: it returns status, output and what went to the error."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("bazaar", "maintenance"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", folder)

    def manage(*arguments, python=(), **variables):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        command = [sys.executable, "-W", "error", *python, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=folder, env=kept | variables, capture_output=True, text=True, errors="replace", check=False
        )
        return done.returncode, done.stdout, done.stderr

    manage.folder = folder
    return manage


def assert_refused(done, *words):
    status, out, err = done
    assert (status, out) == (78, ""), done
    assert err.count("\n") == 1, err
    assert err.endswith(".\n")
    for word in words:
        assert word in err
    assert SECRET not in err


def test_every_command_starts_with_the_example_and_a_key(clone):
    example = (ROOT / ".env.example").read_text()
    assert "\nSECRET_KEY=\n" in example
    (clone.folder / ".env").write_text(example.replace("\nSECRET_KEY=\n", f"\nSECRET_KEY={KEY}\n"))

    for arguments in (
        ["check"],
        ["migrate", "--verbosity", "0"],
        ["sync_schedules"],
        ["jobs"],
        ["jobs", "run", "cleanup-push-tokens"],
        ["cleanup_orphaned_files", "--sweep", "--dry-run"],
        ["retention"],
        ["deletions", "list"],
        ["personal_data", "verify"],
    ):
        status, _, err = clone(*arguments)
        assert status == 0, (arguments, err)
        assert "Traceback" not in err
    assert clone("doctor")[0] == 1, "no cluster is up"


COMMANDS = (["check"], ["migrate"], ["jobs"], ["cleanup_push_tokens", "--dry-run"], ["help"], ["doctor"], ["cluster"])
REFUSED = [
    {"DEBUG": "maybe"},
    {"DATABASE_URL": f"mysql://ann:{SECRET}@db.example.org/bazaar"},
    {"STORAGE_URL": f"nope.Storage?key={SECRET}"},
    {"PUSH_TOKEN_RETENTION_DAYS": "0"},
    {"Q_RETRY": "5"},
    {"UPLOADS_PATH": ".."},
    {"ENV_FILE": "/nope"},
]


@pytest.mark.parametrize(("arguments", "variables"), list(zip(COMMANDS, REFUSED, strict=True)), ids=" ".join)
def test_a_value_that_cannot_be_used_ends_any_command(clone, arguments, variables):
    [name] = variables

    assert_refused(clone(*arguments, SECRET_KEY=KEY, **variables), name)

    assert not list(clone.folder.glob("data/*.sqlite3"))


def test_a_machine_gets_one_document(clone):
    status, out, err = clone("doctor", "--json", SECRET_KEY=KEY, DEBUG="maybe")

    assert (status, err) == (78, "")
    assert json.loads(out)["error"]["exit_status"] == 78
    assert "DEBUG" in json.loads(out)["error"]["message"]


@pytest.mark.parametrize("arguments", [["migrate"], ["createsuperuser", "--no-input"]], ids=lambda words: words[0])
def test_a_database_that_does_not_answer_is_told(clone, arguments):
    url = f"postgres://ann:{SECRET}@127.0.0.1:1/nothing"
    assert_refused(clone(*arguments, SECRET_KEY=KEY, DATABASE_URL=url), "DATABASE_URL", "database cannot be reached")


def env_files(folder):
    (folder / "a folder").mkdir()
    (folder / "binary").write_bytes(bytes(range(256)))
    (folder / "nul").write_bytes(b"DEBUG=on\0\n")
    (folder / "prose").write_text(f"DEBUG=on\nSECRET KEY = {SECRET}\n")
    (folder / "spaces").write_text(f"\n SECRET_KEY = {SECRET}\n")
    return ["a folder", "binary", "nul", "prose", "spaces", "/nope", "~/nope", "x" * 999, str(folder / "binary" / "x")]


def test_a_file_that_cannot_be_read_is_told_without_its_text(clone):
    for name in env_files(clone.folder):
        assert_refused(clone("check", SECRET_KEY=KEY, ENV_FILE=name), "ENV_FILE")
    (clone.folder / ".env").write_text(f"SECRET_KEY {SECRET}\n")
    assert_refused(clone("check"), ".env", "line 1")


def test_a_file_completes_what_is_blank(clone):
    (clone.folder / "other.env").write_text(
        f"\ufeff# the key\n  export SECRET_KEY='{KEY}'\n\nLOG_LEVEL=loud\r\nLOG_FORMAT=json", encoding="utf-8"
    )

    assert_refused(clone("check", ENV_FILE="other.env"), "LOG_LEVEL")
    assert clone("check", ENV_FILE="other.env", LOG_LEVEL="INFO", SECRET_KEY=" ")[0] == 0


def test_a_variable_that_is_misspelt_is_told(clone):
    (clone.folder / ".env").write_text(f"SECRET_KEY={KEY}\nPUSH_TOKEN_RETENTION_DAY=5\n")
    status, _, err = clone("check", MAINTENANCE_BATCH_SECS="1")

    assert status == 0
    assert "maintenance.W001" in err
    assert "Did you mean PUSH_TOKEN_RETENTION_DAYS?" in err
    assert "Did you mean MAINTENANCE_BATCH_SECONDS?" in err
    assert clone("migrate", "--verbosity", "0")[0] == 0
    assert "PUSH_TOKEN_RETENTION_DAY is not used" in "".join(clone("doctor")[1:])


def test_messages_and_descriptions_stay_without_docstrings(clone):
    optimised = {"python": ["-OO"], "SECRET_KEY": KEY}
    assert clone("migrate", "--verbosity", "0", **optimised)[0] == 0

    status, out, _ = clone("cleanup_push_tokens", "--help", **optimised)
    assert status == 0
    assert "Delete push tokens" in " ".join(out.split())
    assert clone("jobs", **optimised)[0] == 0
    admin = {"DJANGO_SUPERUSER_EMAIL": "admin@example.org", "DJANGO_SUPERUSER_PASSWORD": "p" * 20}
    assert clone("createsuperuser", "--no-input", **admin, **optimised)[0] == 0
    told = clone("deletions", "request", "1", **optimised)
    assert told[0] == 1
    assert "This is the last active superuser." in "".join(told[1:])


def test_the_web_process_says_in_one_sentence_what_is_wrong(clone):
    variables = {"SECRET_KEY": KEY, "ENV_FILE": "", "DATABASE_URL": "sqlite://:memory:"}
    wrong = [{"DEBUG": f"maybe {SECRET}"}, {"SECRET_KEY": ""}, {"AUDIT_LOG_ANONYMIZE_YEARS": "50"}]
    wrong += [{"DATABASE_URL": f"mysql://ann:{SECRET}@db"}, {"CACHE_URL": "locmemcache://"}]
    for fault in wrong:
        command = [sys.executable, "-W", "error", "-c", "import bazaar.wsgi"]
        environment = {"PATH": os.environ["PATH"], **variables, **fault}
        done = subprocess.run(command, cwd=clone.folder, env=environment, capture_output=True, text=True, check=False)
        assert_refused((done.returncode, done.stdout, done.stderr), next(iter(fault)))
    done = subprocess.run(
        [sys.executable, "-c", "import bazaar.wsgi"],
        cwd=clone.folder,
        env={"PATH": os.environ["PATH"], **variables},
        check=False,
    )
    assert done.returncode == 0
