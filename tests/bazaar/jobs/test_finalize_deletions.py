"""The job `finalize-deletions`: which requests it carries out, and what it does when one cannot be."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import UpdateError
from django.db import IntegrityError, connection
from django.test import Client

from bazaar import erasure
from bazaar.deletion_requests import cancel_request
from bazaar.models import (
    AuditLog,
    PushToken,
    Session,
    User,
)
from bazaar.sessions import SessionStore
from maintenance.core.logs import ConsoleFormatter, JsonFormatter
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.scheduling import controls
from tests.bazaar.erasure.canary import ADDRESS, FORMER, Canary, everything, places
from tests.bazaar.jobs.due_requests import NAME, NOW, Status, ask, status_of
from tests.factories import (
    PushTokenFactory,
    UserFactory,
)

# The search before the erasures, and the last mail, come after commits.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]
MOMENT = timedelta(microseconds=1)


def test_what_was_promised_for_a_moment_ago_is_due_and_what_is_promised_for_now_is_not_yet():
    earlier, now, later = (ask(UserFactory(), scheduled_for=NOW + age) for age in (-MOMENT, timedelta(0), MOMENT))

    result = run_now(NAME, now=NOW)

    assert result.success
    assert [status_of(request) for request in (earlier, now, later)] == [
        Status.COMPLETED,
        Status.PENDING,
        Status.PENDING,
    ]
    assert JobRun.objects.get().items_done == 1


def test_the_promise_counts_and_not_todays_setting(settings):
    settings.DELETION_GRACE_DAYS = 1
    request = ask(UserFactory(), scheduled_for=NOW + timedelta(days=29))

    run_now(NAME, now=NOW)

    assert status_of(request) == Status.PENDING


def test_both_modes_are_carried_out_with_their_evidence():
    anonymised, deleted = UserFactory(), UserFactory()
    requests = [ask(anonymised), ask(deleted, anonymize=False)]
    PushTokenFactory(user=deleted)

    result = run_now(NAME, now=NOW)

    assert result.details["counts"]["users_anonymised"] == result.details["counts"]["users_deleted"] == 1
    assert User.objects.get(pk=anonymised.pk).email == f"deleted-{anonymised.pk}@deleted.invalid"
    assert not User.objects.filter(pk=deleted.pk).exists()
    assert [status_of(request) for request in requests] == [Status.COMPLETED] * 2
    assert requests[1].user is None
    assert requests[1].user_pk == deleted.pk
    assert requests[1].evidence["rows_deleted"]["bazaar.PushToken"] == 1
    assert AuditLog.objects.filter(action="account.erased").count() == 2
    assert AuditLog.objects.get(action="maintenance.run").metadata["counts"]["changed"] == 2


@pytest.mark.parametrize("mode", erasure.Mode)
def test_nothing_of_the_person_is_left_by_a_run_nor_in_what_it_says(mode, caplog, capfd):
    canary = Canary(mode)
    before = everything()
    for marker in [*canary.goes, ADDRESS, FORMER]:
        assert places(marker, before), f"{marker} was never there"

    controls.resume()  # the canary has a marker in the reason of a pause too

    result = run_now(NAME)

    assert result.success, result.details["errors"]
    after = everything()
    assert not {marker: found for marker in canary.goes if (found := places(marker, after))}
    assert not places(ADDRESS, after)
    assert not places(FORMER, after)
    said = [form().format(record) for record in caplog.records for form in (ConsoleFormatter, JsonFormatter)]
    said += [json.dumps(result.as_json()), *capfd.readouterr()]
    assert result.message in "".join(said)
    assert not [word for word in [*canary.goes, ADDRESS, FORMER] if word.lower() in "".join(said).lower()]
    assert erasure.verify() == []


def test_a_second_run_changes_nothing():
    ask(UserFactory())
    run_now(NAME, now=NOW)
    before = {place: text for place, text in everything().items() if place[0] != "maintenance.JobRun"}

    assert run_now(NAME, now=NOW).success

    assert {place: text for place, text in everything().items() if place[0] != "maintenance.JobRun"} == before


def test_a_dry_run_names_the_requests_and_changes_nothing():
    requests = [ask(UserFactory()), ask(UserFactory())]
    before = {place: text for place, text in everything().items() if place[0] != "maintenance.JobRun"}

    result = run_now(NAME, dry_run=True, now=NOW)

    assert result.details["ids"] == [request.pk for request in requests]
    assert result.details["counts"] == {"would_carry out": 2}
    assert {place: text for place, text in everything().items() if place[0] != "maintenance.JobRun"} == before


def test_one_that_is_cancelled_before_its_turn_is_not_carried_out(monkeypatch):
    first, second = ask(UserFactory()), ask(UserFactory())
    PushTokenFactory(user=second.user)
    erase = erasure.erase

    def erase_after_somebody_cancelled_the_second(request_id, *args, **kwargs):
        if second.status == Status.PENDING:
            cancel_request(second, reason="changed_mind")
        return erase(request_id, *args, **kwargs)

    monkeypatch.setattr(erasure, "erase", erase_after_somebody_cancelled_the_second)

    result = run_now(NAME, now=NOW)

    assert result.success
    assert [status_of(request) for request in (first, second)] == [Status.COMPLETED, Status.CANCELLED]
    assert PushToken.objects.filter(user=second.user_pk).exists()


def test_what_was_written_about_somebody_after_the_erasure_goes_in_the_next_run():
    user = UserFactory()
    ask(user)
    run_now(NAME)
    PushTokenFactory(user=user)
    AuditLog.objects.create(action="late", user=user, ip_address="192.0.2.7")

    result = run_now(NAME)

    assert result.success
    assert result.details["counts"] == {"rows_swept": 2}
    assert not PushToken.objects.exists()
    late = AuditLog.objects.get(action="late")
    assert (late.user, late.ip_address) == (None, None)
    assert AuditLog.objects.filter(action="maintenance.run").count() == 2


@pytest.mark.parametrize("anonymize", [True, False])
def test_a_session_that_was_open_is_over_and_what_a_request_in_it_still_writes_goes_in_the_next_run(anonymize):
    user = UserFactory(is_staff=True) if anonymize else UserFactory()
    client = Client()
    client.force_login(user)
    assert get_user(client).pk == user.pk
    under_way = SessionStore(client.session.session_key)
    under_way["cart"] = user.email  # loaded, and not saved yet
    ask(user, anonymize=anonymize)

    run_now(NAME)

    assert get_user(client).is_anonymous
    with pytest.raises(UpdateError):
        under_way.save()
    if anonymize:
        client.force_login(user)  # by somebody who had looked at the user before
    with pytest.raises(IntegrityError):
        user.save()
    assert Session.objects.exists() is anonymize

    assert run_now(NAME).success

    assert get_user(client).is_anonymous
    assert not Session.objects.exists()
    assert not User.objects.filter(email=user.email).exists()
    assert erasure.verify() == []


@pytest.mark.postgresql  # SQLite asks a subquery once by itself
def test_rows_are_deleted_without_a_join_that_statistics_could_lead_astray():
    deleted = []

    def note(execute, sql, params, many, context):
        if sql.startswith("DELETE"):
            deleted.append((sql, params))
        return execute(sql, params, many, context)

    user = UserFactory()
    PushTokenFactory.create_batch(3, user=user)
    ask(user, anonymize=False)
    with connection.execute_wrapper(note):
        run_now(NAME)

    assert not PushToken.objects.exists()
    [(sql, params)] = [(sql, params) for sql, params in deleted if f'FROM "{PushToken._meta.db_table}"' in sql]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "InitPlan" in plan, "the keys are asked for once"
    assert "Join" not in plan
    assert "Nested Loop" not in plan
