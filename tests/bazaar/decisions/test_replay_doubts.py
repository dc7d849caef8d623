"""What a replay does where something is not certain: entries that were altered, not confirmed, or expired."""

import uuid
from unittest.mock import Mock

import pytest
from django.core import mail
from django.core.management import call_command

from bazaar import closing_mails
from bazaar.decisions import recording, state
from bazaar.decisions.models import LedgerMark
from bazaar.decisions.replay import replay
from bazaar.decisions.state import current_mark
from bazaar.deletion_requests import cancel_request
from bazaar.ledger import expiry, triggers
from bazaar.ledger.chain import breaks
from bazaar.ledger.models import Entry, EntryDigest
from bazaar.mail import Delivery
from bazaar.models import ClosingMail, DeletionRequest
from bazaar.request_notices import REMINDER
from maintenance.core.errors import NotReady
from maintenance.engine.runner import run_now
from tests.bazaar.decisions.backup import Backup, ask, ask_long_ago, status_of
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]


@pytest.fixture
def forged():
    """Change the ledger as somebody can who owns its database; the triggers are put back."""
    triggers.remove_triggers()
    yield Entry.objects.filter(kind="requested")
    triggers.install_triggers(using="ledger")


def about_somebody_else(entries):
    EntryDigest.objects.all().delete()
    entries.update(person=UserFactory().public_id)


@pytest.mark.parametrize(
    "forge",
    [
        about_somebody_else,
        lambda entries: entries.update(mode="delete"),
        lambda entries: entries.update(number=900),
        lambda entries: Entry.objects.filter(reference=entries.get().number).delete(),
    ],
    ids=["another person", "another mode", "moved", "removed"],
)
def test_a_ledger_that_was_altered_is_not_replayed(forge, forged):
    user, other = UserFactory.create_batch(2)
    backup = Backup()
    ask(user)
    ask(other)
    forged = forged.filter(person=user.public_id)
    backup.restore()
    EntryDigest.objects.filter(entry__in=forged).delete()

    forge(forged)

    with pytest.raises(state.LedgerAltered, match="ledger check"):
        replay()
    assert not DeletionRequest.objects.exists()


def test_an_alteration_before_what_the_database_has_seen_keeps_nobody_from_a_replay(forged):
    user, *others = UserFactory.create_batch(3)
    for other in others:
        ask(other)
    backup = Backup()
    ask(user)
    backup.restore()
    EntryDigest.objects.filter(entry=1).delete()
    forged.filter(number=1).update(mode="delete")

    assert replay().done == {"requested": 1}


def test_a_decision_without_its_confirmation_is_replayed_as_well(monkeypatch):
    user = UserFactory()
    backup = Backup()
    with monkeypatch.context() as killed:
        killed.setattr(recording, "confirm_after_commit", Mock())
        ask(user)
    backup.restore()
    assert status_of(user) is None
    assert state.why_not() is None, "nobody can tell it from a decision that was rolled back"

    assert replay().done == {"requested": 1}

    assert status_of(user) == "pending"
    assert not replay().entries
    assert "rolled_back" not in Entry.objects.values_list("kind", flat=True)


def test_entries_that_have_expired_unseen_are_told(capsys):
    first, second = UserFactory.create_batch(2)
    backup = Backup()
    ask(first)
    ask(second)
    expiry.expire(2, current_mark().origin)
    backup.restore()

    call_command("ledger", "replay")

    assert "Entries up to 2 have expired" in capsys.readouterr().err
    assert (status_of(first), status_of(second)) == (None, "pending")


def test_a_backup_of_before_the_ledger_is_known_by_its_persons():
    asked, took_back, erased, other = UserFactory.create_batch(4)
    taken_back = ask_long_ago(took_back)
    backup = Backup()
    cancel_request(taken_back, reason="changed_mind")
    ask(asked)
    ask_long_ago(erased)
    assert run_now("finalize-deletions").success
    as_decided = [status_of(user) for user in (asked, took_back, erased)]
    backup.restore()
    # As the migrations leave it: the database and its requests have other names than those in the ledger.
    LedgerMark.objects.all().delete()
    DeletionRequest.objects.update(public_id=uuid.uuid4())

    with pytest.raises(state.Behind):
        ask(other)
    replay()

    assert run_now("finalize-deletions").success
    assert [status_of(user) for user in (asked, took_back, erased)] == as_decided
    took_back.refresh_from_db()
    assert took_back.anonymized_at is None
    ask(other)
    assert not replay().entries
    assert list(breaks()) == []


def test_a_promise_that_the_ledger_does_not_know_is_kept():
    user = UserFactory()
    backup = Backup()
    ask(user)
    backup.restore()
    DeletionRequest.objects.create(user=user, user_pk=user.pk, scheduled_for="2031-05-01T00:00:00Z")

    assert replay().done == {}

    assert status_of(user) == "pending"


# Mails


def test_no_mail_goes_out_before_the_replay():
    asked, took_back = UserFactory.create_batch(2)
    request = ask(took_back)
    backup = Backup()
    cancel_request(request, reason="changed_mind")
    backup.restore()

    with pytest.raises(NotReady, match="ledger replay"):
        run_now("send-deletion-notices")

    replay()
    ask(asked)
    assert run_now("send-deletion-notices").success
    assert [message.to for message in mail.outbox] == [[asked.email]]


def test_no_mail_is_sent_a_second_time_and_the_reminder_is_still_to_come():
    before, after = UserFactory.create_batch(2)
    ask(before)
    backup = Backup()
    ask(after)
    assert run_now("send-deletion-notices").success
    assert len(mail.outbox) == 2
    backup.restore()

    replay()

    assert run_now("send-deletion-notices").success
    assert len(mail.outbox) == 2
    for request in DeletionRequest.objects.all():
        assert request.notice_due_at == request.scheduled_for - REMINDER


def test_who_is_erased_again_gets_the_last_mail_once():
    user = UserFactory()
    backup = Backup()
    ask_long_ago(user)
    assert run_now("finalize-deletions").success
    [erased] = Entry.objects.filter(kind="erased").values_list("made_at", flat=True)
    assert len(mail.outbox) == 1
    backup.restore()

    replay()
    assert run_now("finalize-deletions").success

    again = DeletionRequest.objects.get()
    assert (again.status, again.closing_notice, again.closing_notice_at) == ("completed", "unsure", erased)
    assert len(mail.outbox) == 1


def test_a_last_mail_that_waited_in_the_backup_is_not_sent(monkeypatch):
    monkeypatch.setattr(closing_mails, "deliver", lambda *_: (Delivery.REFUSED, "SMTPServerDisconnected"))
    erased, other = UserFactory.create_batch(2)
    ask_long_ago(erased)
    assert run_now("finalize-deletions").success
    waiting = ClosingMail.objects.get()
    monkeypatch.undo()
    backup = Backup()
    ask(other)
    backup.restore()
    assert ClosingMail.objects.exists()

    replay()

    assert not ClosingMail.objects.exists()
    request = DeletionRequest.objects.get(pk=waiting.request_id)
    assert (request.closing_notice, request.closing_notice_at) == ("unsure", waiting.made_at)
