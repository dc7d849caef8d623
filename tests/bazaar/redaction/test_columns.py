"""The columns beside the metadata: what was done, and to what."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bazaar import audit
from bazaar.models import AuditLog
from bazaar.redaction.columns import clean_column, is_person_type

OLD = timezone.now() - timedelta(days=800)


@pytest.mark.parametrize(
    "spelling",
    ["user", "User", "USER", "users", "bazaar.user", "bazaar.User", "auth/user", "profile", "account", "Member"],
)
def test_a_person_in_any_spelling(spelling):
    assert is_person_type(spelling)


@pytest.mark.parametrize(
    "spelling", ["", "project", "user_count", "job_run", "deletion_request", "index", "userscript"]
)
def test_a_thing_is_no_person(spelling):
    assert not is_person_type(spelling)


def test_a_column_without_an_address_is_the_same_object():
    for text in ("project.updated", "7", "9f1c2d3e-0000-4000-8000-000000000000", "v1.2.3.4"):
        assert clean_column(text) is text


@pytest.mark.django_db
@pytest.mark.parametrize("metadata", [{"status": "x"}, {"email": "ann@example.org"}], ids=["columns", "metadata too"])
def test_addresses_and_persons_leave_the_columns(metadata):
    def make(**fields):
        return AuditLog.objects.create(metadata=metadata, created_at=OLD, **fields).pk

    address = make(action="login:ann%40example.org", resource_type="mail", resource_id="ann@example.org")
    person = make(action="user.login", resource_type="USERS", resource_id="7")
    thing = make(action="project.updated", resource_type="project", resource_id="8")
    long = make(action=f"a@b.org {'x' * 91}", resource_id="192.0.2.1")

    found = audit.anonymise(audit.unexamined())

    logs = {row.pk: (row.action, row.resource_type, row.resource_id) for row in AuditLog.objects.all()}
    assert logs[address] == ("login:[removed]", "mail", "[removed]")
    assert logs[person] == ("user.login", "USERS", None)
    assert logs[thing] == ("project.updated", "project", "8")
    assert logs[long] == (f"[removed] {'x' * 90}", "", "[removed]")
    assert found.changed == (4 if "email" in metadata else 3)
    assert not audit.unexamined().exists()
