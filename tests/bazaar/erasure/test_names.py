"""The name of the person leaves what they wrote and what is about them, and no other word goes with it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group

from bazaar.erasure import verify
from tests.bazaar.erasure.rows import entry_about
from tests.factories import (
    AuditLogFactory,
    NotificationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("anonymize", [True, False])
@pytest.mark.parametrize("name", ["Zoë Böhm", "Böhm"])
@pytest.mark.parametrize("text", ["renamed {}", "{}"])
@pytest.mark.parametrize("text_column", ["action", "resource_type", "resource_id"])
@pytest.mark.parametrize("column", ["user", "subject"])
def test_the_name_leaves_every_column_of_logs_by_and_about_the_person(
    erase_user, anonymize, name, text, text_column, column
):
    user = UserFactory(name=name)
    log = AuditLogFactory(**{"user": None, column: user, text_column: text.format(name)})

    erase_user(user, anonymize=anonymize)

    log.refresh_from_db()
    assert getattr(log, text_column) == text.format("[removed]")


def test_a_word_of_the_program_is_no_name(erase_user):
    user = UserFactory(name="Project")
    log = AuditLogFactory(user=user, action="project.updated", resource_type="project", metadata={"text": "Project"})

    erase_user(user)

    log.refresh_from_db()
    assert (log.action, log.resource_type, log.metadata) == ("project.updated", "project", {"text": "[removed]"})


@pytest.mark.parametrize("anonymize", [True, False])
@pytest.mark.parametrize(
    "name", ["Removed", "[removed]", "Deleted User", "[Deleted User]", "deleted", "User", "42", "...", "x" * 150]
)
def test_nobody_is_called_so_that_their_erasure_fails(erase_user, name, anonymize):
    user, staff = UserFactory(name=name), UserFactory(is_staff=True)
    entry_about(user, staff)
    entry_about(staff, user)
    log = AuditLogFactory(user=user, metadata={"text": f"{name} and [removed]"})
    NotificationFactory(actor=user, title=name)

    erase_user(user, anonymize=anonymize)

    log.refresh_from_db()
    assert log.metadata["text"].endswith(" and [removed]")
    assert verify(user.pk) == []


@pytest.mark.parametrize("anonymize", [True, False])
@pytest.mark.parametrize(("kind", "left"), [("Ann Böhm", "[removed]"), ("ann.voted", "ann.voted")])
def test_the_name_leaves_the_type_of_a_notification_about_the_person(erase_user, anonymize, kind, left):
    user = UserFactory(name="Ann Böhm" if kind == "Ann Böhm" else "Ann")
    notification = NotificationFactory(actor=user, type=kind)

    erase_user(user, anonymize=anonymize)

    notification.refresh_from_db()
    assert notification.type == left


@pytest.mark.parametrize("anonymize", [True, False])
@pytest.mark.parametrize("key", ["text", "title", "anything"])
@pytest.mark.parametrize("name", ["Ann Böhm", "BÖHM, ANN", "ann bo\u0308hm"])
@pytest.mark.parametrize("column", ["user", "subject"])
def test_the_name_leaves_logs_by_and_about_the_person_whatever_the_key(erase_user, key, name, column, anonymize):
    user = UserFactory(name="Ann Böhm")
    log = AuditLogFactory(**{"user": None, column: user}, metadata={key: f"{name} left", "deep": [{key: name}]})
    other = AuditLogFactory(user=UserFactory(), metadata={key: f"{name} left"})

    erase_user(user, anonymize=anonymize)

    log.refresh_from_db()
    other.refresh_from_db()
    assert "hm" not in str(log.metadata).lower()
    assert other.metadata == {key: f"{name} left"}, "a text of somebody else keeps the name"


def test_the_name_leaves_what_staff_wrote_in_the_admin_log(erase_user):
    staff = UserFactory(name="Ann Böhm", is_staff=True)
    entry = entry_about(UserFactory(), staff)
    LogEntry.objects.filter(pk=entry.pk).update(object_repr="Böhm, Ann", change_message="ANN BÖHM changed it.")

    erase_user(staff)

    entry.refresh_from_db()
    assert (entry.object_repr, entry.change_message) == ("[removed]", "[removed] changed it.")
    assert entry.user_id == staff.pk


def test_names_of_groups_stay_unique(erase_user):
    people = [UserFactory(email=f"{name}@example.org") for name in ("ann", "ben")]
    for person in people:
        Group.objects.create(name=person.email)

    for person in people:
        erase_user(person)

    assert len(set(Group.objects.values_list("name", flat=True))) == 2
    assert not Group.objects.filter(name__contains="@").exists()
