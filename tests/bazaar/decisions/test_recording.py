"""The entry comes before the commit, and its confirmation after it; a process may be killed anywhere between."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from bazaar.decisions import recording, state
from bazaar.decisions.models import LedgerMark
from bazaar.deletion_requests import cancel_request, make_request
from bazaar.erasure import erase
from bazaar.ledger import writer
from bazaar.ledger.chain import breaks
from bazaar.ledger.choices import Kind
from bazaar.ledger.keys import digest_of_address
from bazaar.ledger.models import Entry
from bazaar.models import AuditLog, DeletionRequest
from maintenance.engine.runner import run_now
from tests.bazaar.erasure.rows import vanish
from tests.factories import UserFactory, UserFormerEmailFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """What stands for the end of the process."""


def kinds():
    return list(Entry.objects.values_list("kind", flat=True))


def ask(user=None, **options):
    return make_request(user or UserFactory(), **options)


def ask_long_ago(user=None, **options):
    return ask(user, now=timezone.now() - timedelta(days=40), **options)


def test_a_request_is_an_entry_and_its_confirmation():
    user = UserFactory(email="ann@example.org")
    UserFormerEmailFactory(user=user, email="miller@example.org")
    request = ask(user, anonymize=False)
    entry = Entry.objects.get(kind=Kind.REQUESTED)
    assert (entry.person, entry.request, entry.mode) == (user.public_id, request.public_id, "delete")
    assert entry.scheduled_for == request.scheduled_for
    assert {row.digest for row in entry.digests.all()} == {
        digest_of_address("ann@example.org"),
        digest_of_address("miller@example.org"),
    }
    assert kinds() == ["requested", "confirmed"]
    assert Entry.objects.get(kind=Kind.CONFIRMED).reference == entry.number


def test_each_decision_is_an_entry(uploads):
    first, second = ask_long_ago(), ask_long_ago()
    cancel_request(first, reason="changed_mind")
    assert run_now("finalize-deletions").success
    assert kinds() == [*["requested", "confirmed"] * 2, "cancelled", "confirmed", "erasing", "erased"]
    erasing = Entry.objects.get(kind=Kind.ERASING)
    assert erasing.request == second.public_id
    assert {row.category: row.changed for row in erasing.counts.all()}["account"] == 1
    assert list(breaks()) == []
    assert LedgerMark.objects.get().number == erasing.number


def test_who_had_vanished_ends_as_not_provable(uploads, request_deletion):
    user = UserFactory()
    request_deletion(user)
    vanish(user)
    run_now("finalize-deletions")
    assert kinds()[-2:] == ["erasing", "unproven"]


STEPS = {
    "before the entry": (recording, "append"),
    "after the entry": (recording.transaction, "on_commit"),
    "before the confirmation": (recording, "confirm_after_commit"),
}


@contextmanager
def killed_at(step, monkeypatch):
    """Let the process end at a step."""

    def end(*_arguments, **_options):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(*STEPS[step], end)
        with pytest.raises(Killed):
            yield


@pytest.mark.parametrize("step", STEPS)
def test_a_request_that_is_killed_is_whole_or_not_at_all(monkeypatch, step):
    user = UserFactory()
    with killed_at(step, monkeypatch):
        ask(user)
    was_made = step == "before the confirmation"
    assert DeletionRequest.objects.filter(user=user).exists() == was_made
    assert kinds() == ([] if step == "before the entry" else ["requested"])
    assert state.why_not() is None

    ask()

    settled = {"before the entry": [], "after the entry": ["requested", "rolled_back"]}
    assert kinds() == [*settled.get(step, ["requested", "confirmed"]), "requested", "confirmed"]
    assert list(breaks()) == []
    assert not list(state.unconfirmed())


@pytest.mark.parametrize("step", STEPS)
def test_an_erasure_that_is_killed_is_whole_or_not_at_all(uploads, monkeypatch, step):
    user = UserFactory()
    request = ask_long_ago(user)
    before = len(kinds())
    with killed_at(step, monkeypatch), transaction.atomic():
        erase(request.pk, timezone.now())
    user.refresh_from_db()
    assert bool(user.anonymized_at) == (step == "before the confirmation")

    assert run_now("finalize-deletions").success

    user.refresh_from_db()
    assert user.anonymized_at
    settled = {"before the entry": [], "after the entry": ["erasing", "rolled_back"]}
    assert kinds()[before:] == [*settled.get(step, []), "erasing", "erased"]
    assert AuditLog.objects.filter(action="account.erased").count() == 1


def test_an_entry_without_confirmation_is_told(monkeypatch):
    with killed_at("before the confirmation", monkeypatch):
        ask()
    assert not list(state.unconfirmed()), "it may be under way"
    monkeypatch.setattr(state, "CONFIRMED_WITHIN", timedelta(0))
    assert list(state.unconfirmed()) == [1]


@pytest.fixture
def broken_ledger(monkeypatch):
    def refuse():
        raise OperationalError

    monkeypatch.setattr(writer, "_lock", refuse)


def test_no_request_is_accepted_while_the_ledger_cannot_be_written(broken_ledger):
    user = UserFactory()
    with pytest.raises(writer.LedgerUnavailable):
        ask(user)
    assert not DeletionRequest.objects.exists()
    user.refresh_from_db()
    assert user.deletion_requested_at is None
    assert not AuditLog.objects.filter(action="deletion.requested").exists()


def test_nobody_is_erased_while_the_ledger_cannot_be_written(uploads, request):
    user = UserFactory()
    ask_long_ago(user)
    request.getfixturevalue("broken_ledger")
    result = run_now("finalize-deletions")
    assert result.status == "failed"
    assert "The ledger cannot be used" in result.message
    user.refresh_from_db()
    assert user.anonymized_at is None
    assert DeletionRequest.objects.get().status == "pending"


def test_decisions_that_a_rolled_back_transaction_took_are_settled():
    with transaction.atomic():
        ask()
        transaction.set_rollback(True)
    ask()
    assert kinds() == ["requested", "rolled_back", "requested", "confirmed"]


def test_another_key_is_refused(settings):
    ask()
    settings.LEDGER_KEY = "another-key-that-nobody-knows-0123456789"
    with pytest.raises(writer.AnotherKey):
        ask()
    assert isinstance(state.why_not(), writer.AnotherKey)
