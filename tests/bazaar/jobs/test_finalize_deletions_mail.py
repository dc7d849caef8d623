"""The job `finalize-deletions`: the last mail."""

import pytest
from django.core import mail

from bazaar import erasure
from maintenance.core.logs import ConsoleFormatter
from maintenance.engine.runner import run_now
from tests.bazaar.jobs.due_requests import NAME, NOW, Status, ask, status_of
from tests.factories import UserFactory

# The search before the erasures, and the last mail, come after commits.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]


def test_the_person_gets_one_mail_at_the_address_that_was_theirs():
    ask(UserFactory(email="ann@example.org"), anonymize=False)

    run_now(NAME, now=NOW)
    run_now(NAME, now=NOW)

    [message] = mail.outbox
    assert message.to == ["ann@example.org"]


def test_without_mail_nobody_is_told(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    ask(UserFactory())

    assert run_now(NAME, now=NOW).success
    assert mail.outbox == []


def test_a_mail_that_fails_changes_nothing_and_quotes_nobody(monkeypatch, caplog):
    request = ask(UserFactory(email="ann@example.org"))

    def refuse(_subject, _text, address):
        raise OSError(f"550 {address} unknown")

    monkeypatch.setattr("bazaar.closing_mails.deliver", refuse)

    result = run_now(NAME, now=NOW)

    assert result.success
    assert status_of(request) == Status.COMPLETED
    logged = "".join(ConsoleFormatter().format(record) for record in caplog.records)
    assert "OSError" in logged
    assert "ann@" not in logged


def test_an_erasure_that_is_rolled_back_sends_no_mail(monkeypatch):
    ask(UserFactory())

    def fail(*_args):
        raise RuntimeError

    monkeypatch.setitem(erasure.erase.__globals__, "complete", fail)

    assert run_now(NAME, now=NOW).status == "partial"
    assert mail.outbox == []
