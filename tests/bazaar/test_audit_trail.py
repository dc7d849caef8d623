"""The entry that a run leaves in the audit log."""

import pytest

from bazaar.models import AuditLog
from maintenance.engine.runner import run_now

pytestmark = pytest.mark.django_db


def test_a_run_that_changed_something_leaves_one_audit_entry(scratch_job, items, batches_of):
    scratch_job()
    items(5)
    batches_of(2)

    result = run_now("scratch")

    entry = AuditLog.objects.get()
    assert entry.resource_id == str(result.run_id)
    assert entry.metadata["counts"] == {"deleted": 5}


def test_a_run_that_changed_nothing_and_a_dry_run_leave_none(scratch_job, items):
    scratch_job()
    assert run_now("scratch").success
    items(1)
    assert run_now("scratch", dry_run=True).success

    assert not AuditLog.objects.exists()
