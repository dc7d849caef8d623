"""What is true of audit logs in a plain table is true of them in a partitioned one: the same tests hold both."""

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from tests.processes.command import database_url

pytestmark = [pytest.mark.process, pytest.mark.postgresql, pytest.mark.django_db]

TESTS = (
    "tests/bazaar/test_audit.py",
    "tests/bazaar/test_triggers.py",
    "tests/bazaar/erasure/test_canary.py",
    "tests/bazaar/erasure/test_change_marks.py",
    "tests/bazaar/erasure/test_identity.py::test_the_migration_tells_times_for_what_is_there",
    "tests/bazaar/holds/test_rows.py",
    "tests/bazaar/jobs/test_anonymize_audit_logs.py",
    "tests/bazaar/jobs/test_anonymize_audit_logs_races.py",
    "tests/bazaar/jobs/test_anonymize_audit_logs_second_run.py",
    "tests/bazaar/jobs/test_retention_jobs.py",
    "tests/bazaar/access/test_export.py",
    "tests/bazaar/admin/test_base.py",
)


def test_all_that_holds_for_audit_logs_holds_for_partitions():
    url = urlsplit(database_url(connection.settings_dict))
    environment = os.environ | {"DATABASE_URL": urlunsplit(url._replace(path="/partitions"))}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", "--ds=tests.settings.postgresql",
         "-p", "tests.bazaar.partitions.adopted", *TESTS],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout
    assert " passed" in ended.stdout
