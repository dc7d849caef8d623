"""A database that is older than its ledger refuses, until the decisions have been replayed."""

import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from bazaar.approvals import approve
from bazaar.decisions import state
from bazaar.decisions.models import LedgerMark
from bazaar.decisions.replay import replay, restart
from bazaar.deletion_requests import cancel_request
from bazaar.erasure import verify
from bazaar.holds.models import Hold
from bazaar.holds.service import release
from bazaar.ledger.chain import breaks
from bazaar.ledger.models import Entry
from bazaar.models import DeletionRequest, User
from maintenance.core.errors import NotReady
from maintenance.engine.runner import run_now
from maintenance.health import doctor
from tests.bazaar.decisions.backup import Backup, ask, ask_long_ago, hold, status_of
from tests.factories import LoginAttemptFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]


def test_a_restored_database_refuses_until_the_replay():
    user = UserFactory()
    backup = Backup()
    ask(user)
    backup.restore()

    with pytest.raises(state.Behind):
        ask(UserFactory())
    with pytest.raises(NotReady, match="ledger replay"):
        run_now("finalize-deletions")
    assert "job-refuses" in {result.code for result in doctor.check().results}
    assert run_now("cleanup-push-tokens").success, "other jobs go on"

    replay()

    assert status_of(user) == "pending"
    ask(UserFactory())
    assert run_now("finalize-deletions").success
    assert "job-refuses" not in {result.code for result in doctor.check().results}


def test_a_request_for_staff_needs_its_approval_again_and_an_erasure_of_staff_does_not():
    boss, second = UserFactory.create_batch(2, is_staff=True, is_superuser=True)
    asked, erased, approved = UserFactory.create_batch(3, is_staff=True)
    ask_long_ago(approved, by=boss)
    backup = Backup()
    ask(asked, by=boss)
    ask_long_ago(erased, by=boss)
    for user in (asked, erased, approved):
        approve(DeletionRequest.objects.get(user=user), by=second)
    assert run_now("finalize-deletions").success
    assert status_of(erased) == status_of(approved) == "completed"
    backup.restore()

    replay()

    assert DeletionRequest.objects.get(user=asked).is_awaiting_approval
    assert not DeletionRequest.objects.filter(user__in=[erased, approved], needs_approval=True).exists()
    assert not replay().done, "a second replay does nothing"
    assert run_now("finalize-deletions").success
    assert status_of(erased) == status_of(approved) == "completed"


def test_every_person_is_as_decided():
    names = ("asked", "took_back", "held", "released", "erased", "deleted", "asked_before", "took_back_before", "free")
    people = {name: UserFactory(email=f"{name}@example.org") for name in names}
    ask_long_ago(people["asked_before"])
    taken_back = ask_long_ago(people["took_back_before"])
    free = hold(people["released"])
    backup = Backup()
    promised = ask(people["asked"], anonymize=False)
    cancel_request(ask(people["took_back"]), reason="changed_mind")
    cancel_request(taken_back, reason="changed_mind")
    ask_long_ago(people["held"])
    held = hold(people["held"])
    release(free)
    for name, anonymize in (("erased", True), ("deleted", False)):
        ask_long_ago(people[name], anonymize=anonymize)
    assert run_now("finalize-deletions").success
    assert status_of(people["asked_before"]) == "completed"
    backup.restore()
    people["erased"].refresh_from_db()
    assert people["erased"].anonymized_at is None, "they are back"

    planned = replay(dry_run=True)
    assert status_of(people["asked"]) is None, "a dry run changes nothing"
    done = replay()
    assert (planned.done, planned.entries) == (done.done, done.entries)
    assert done.conflicts == []

    again = DeletionRequest.objects.get(public_id=promised.public_id)
    assert (again.scheduled_for, again.anonymize_contributions, again.status) == (
        promised.scheduled_for,
        False,
        "pending",
    )
    assert status_of(people["took_back_before"]) == "cancelled"
    assert status_of(people["held"]) == "held"
    assert [one.public_id for one in Hold.objects.active()] == [held.public_id]
    assert run_now("finalize-deletions").success
    for name in ("asked_before", "erased"):
        people[name].refresh_from_db()
        assert people[name].anonymized_at
    assert not User.objects.filter(pk=people["deleted"].pk).exists()
    for name in ("asked", "took_back", "took_back_before", "held", "released", "free"):
        people[name].refresh_from_db()
        assert people[name].anonymized_at is None
    assert verify() == []
    assert list(breaks()) == []


def test_a_second_replay_does_nothing():
    user = UserFactory()
    backup = Backup()
    ask(user)
    backup.restore()
    assert replay().done == {"requested": 1}
    entries, requests = Entry.objects.count(), list(DeletionRequest.objects.values())
    second = replay()
    assert (second.entries, dict(second.done)) == (0, {})
    assert Entry.objects.count() == entries
    assert list(DeletionRequest.objects.values()) == requests


def test_the_same_backup_restored_twice_is_replayed_twice():
    user = UserFactory()
    backup = Backup()
    ask(user)
    for _ in range(2):
        backup.restore()
        assert replay().done == {"requested": 1}
    assert "replayed" in Entry.objects.values_list("kind", flat=True)
    assert status_of(user) == "pending"


def test_somebody_else_with_the_same_id_is_left_alone():
    user = UserFactory()
    backup = Backup()
    ask_long_ago(user, anonymize=False)
    run_now("finalize-deletions")
    backup.restore()
    User._base_manager.filter(pk=user.pk).update(public_id=uuid.uuid4(), email="somebody-else@example.org")
    result = replay()
    assert result.absent == 2
    assert not DeletionRequest.objects.exists()


def test_an_account_that_contradicts_the_digests_is_left_alone(capsys):
    user = UserFactory()
    backup = Backup()
    ask_long_ago(user)
    run_now("finalize-deletions")
    backup.restore()
    User._base_manager.filter(pk=user.pk).update(email="stranger@example.org")
    user.former_emails.all().delete()
    with pytest.raises(SystemExit) as end:
        call_command("ledger", "replay")
    assert end.value.code == 1
    assert "contradict" in capsys.readouterr().err
    assert not DeletionRequest.objects.exists()


def test_rows_that_come_back_go_with_the_next_run():
    user = UserFactory(email="ann@example.org")
    LoginAttemptFactory(user=None, email="ann@example.org")
    backup = Backup()
    ask_long_ago(user)
    run_now("finalize-deletions")
    backup.restore()
    LoginAttemptFactory(user=None, email="ann@example.org", created_at=timezone.now() - timedelta(days=1))
    replay()
    run_now("finalize-deletions")
    assert not type(LoginAttemptFactory.build())._meta.model.objects.filter(email="ann@example.org").exists()


def test_what_was_rolled_back_is_not_replayed():
    user, other = UserFactory.create_batch(2)
    backup = Backup()

    with transaction.atomic():
        ask(user)
        transaction.set_rollback(True)
    ask(other)
    backup.restore()
    replay()
    assert (status_of(user), status_of(other)) == (None, "pending")


def test_a_ledger_that_lacks_what_was_seen_is_refused_until_it_begins_anew():
    ask(UserFactory())
    call_command("flush", database="ledger", interactive=False, verbosity=0)
    with pytest.raises(state.LedgerIncomplete):
        ask(UserFactory())
    with pytest.raises(state.LedgerIncomplete):
        replay()
    restart()
    ask(UserFactory())
    assert list(Entry.objects.values_list("kind", flat=True)) == ["restarted", "confirmed", "requested", "confirmed"]
    assert restart() is None


def test_two_main_databases_share_a_ledger():
    user = UserFactory()
    ask(user)
    LedgerMark.objects.update(origin=uuid.uuid4(), number=0, digest="", settled=0)
    User._base_manager.filter(pk=user.pk).update(public_id=uuid.uuid4())  # persons of another site
    assert state.why_not() is None
    ask(UserFactory())
    assert list(breaks()) == []
