"""What commands print, and what it has to be like."""

import json
import re

import pytest

from tests.project.json_documents import FOLDER, invocations

ALL = invocations()
JOB = "cleanup-push-tokens"
NASTY = "evil\x1b[2J\x07\n2026-01-01 FORGED \x9b31m\u202etxt.exe\u2066"
ACTS_ON_A_TERMINAL = re.compile(r"[^\n -~\u00a1-\u200d\u2010-\u2027\u2030-\u205f\u2070-\ud7ff]")
NOT_FOR_PEOPLE = re.compile(r"\{'|\['|datetime\.|timedelta|<\w+ object|\d\d:\d\d:\d\d\.\d|None\b")
REPORTS = {"doctor", "personal_data.verify"}
"""Whose exit status 1 is about what they found."""
FOR_PROGRAMS = {"personal_data.export"}
"""What prints a document whatever was asked for."""
each = pytest.mark.parametrize("invocation", ALL, ids=str)


class Ended:
    """How a command ended, and what it wrote."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def document(self):
        return json.loads(self.out)

    @property
    def error(self):
        return self.document["error"]


def arguments_of(invocation, people):
    by_schema = {
        "cron": ["30 4 * * *"],
        "jobs.run": [JOB],
        "jobs.enable": [JOB],
        "jobs.disable": [JOB],
        "jobs.schedule": [JOB, "15 4 * * *"],
        "jobs.history": [JOB],
        "deletions.request": [people["user"]],
        "deletions.show": [people["request"]],
        "deletions.certificate": [people["completed"]],
        "personal_data.export": [people["user"]],
        "deletions.find": ["nobody@example.org"],
        "holds.set": [people["user"], "--reason", "authority", "--review", "2999-12-31"],
        "holds.release": [people["hold"]],
        "deletions.cancel": [people["request"], "--reason", "changed_mind"],
        "logins.unlock": ["--user", people["user"]],
    }
    return by_schema.get(invocation.schema, [])


def assert_document(invocation, ended):
    """One document on standard output, of the command's schema, with an error where nothing was done."""
    invocation.validate(ended.document)
    has_error = isinstance(ended.document, dict) and "error" in ended.document
    assert has_error == bool(ended.status) or (invocation.schema in REPORTS and ended.status == 1)
    if has_error:
        assert ended.error["exit_status"] == ended.status
        assert f"`{ended.error['code']}`" in (FOLDER / "README.md").read_text()


def assert_text(invocation, ended):
    """Lines of at most 80 columns that are made for people, and act on no terminal."""
    said = ended.out + ended.err
    assert said
    assert not ACTS_ON_A_TERMINAL.search(said)
    if invocation.schema in FOR_PROGRAMS and not ended.status:
        return
    assert not NOT_FOR_PEOPLE.search(said)
    assert max(map(len, ended.out.splitlines()), default=0) <= 80
    assert not re.search(r"^2026-01-01 FORGED", said, flags=re.MULTILINE)
