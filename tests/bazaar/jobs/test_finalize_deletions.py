"""The job `finalize-deletions`: which requests it carries out, and what it does when one cannot be."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import UpdateError
from django.core import mail
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from django.test import Client

from bazaar import erasure
from bazaar.erasure import searches
from bazaar.models import (
    AuditLog,
    DeletionRequest,
    Notification,
    PushToken,
    Session,
    Upload,
    User,
)
from bazaar.searches.models import ErasureSearch, ErasureSearchHit, ErasureSearchPart
from bazaar.sessions import SessionStore
from maintenance.core.logs import ConsoleFormatter, JsonFormatter
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.scheduling import controls
from tests.bazaar.erasure.canary import ADDRESS, FORMER, Canary, everything, places
from tests.bazaar.erasure.rows import vanish
from tests.factories import (
    AuditLogFactory,
    IdeaFactory,
    NotificationFactory,
    ProjectFactory,
    PushTokenFactory,
    UploadFactory,
    UserFactory,
)

# The search before the erasures, and the last mail, come after commits.
pytestmark = pytest.mark.django_db(transaction=True)

NAME = "finalize-deletions"
NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
Status = DeletionRequest.Status


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }


def ask(user, *, scheduled_for=NOW - timedelta(days=1), anonymize=True):
    return DeletionRequest.objects.create(
        user=user, user_pk=user.pk, anonymize_contributions=anonymize, scheduled_for=scheduled_for
    )


def status_of(request):
    request.refresh_from_db()
    return request.status


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
            DeletionRequest.objects.cancel(second, reason="changed_mind")
        return erase(request_id, *args, **kwargs)

    monkeypatch.setattr(erasure, "erase", erase_after_somebody_cancelled_the_second)

    result = run_now(NAME, now=NOW)

    assert result.success
    assert [status_of(request) for request in (first, second)] == [Status.COMPLETED, Status.CANCELLED]
    assert PushToken.objects.filter(user=second.user_pk).exists()


def test_one_that_cannot_be_carried_out_is_rolled_back_recorded_and_tried_again(monkeypatch):
    bad, good = ask(UserFactory(), anonymize=False), ask(UserFactory())
    for request in (bad, good):
        PushTokenFactory(user=request.user)
        NotificationFactory(user=request.user)
    faults = []
    globals_of_erase = erasure.erase.__globals__
    complete = globals_of_erase["complete"]

    def complete_with_a_fault(evidence, now):
        if evidence.request_id == bad.pk and not faults:
            faults.append(PushToken.objects.filter(user=bad.user_pk).exists())
            raise RuntimeError("ann@example.org")
        complete(evidence, now)

    monkeypatch.setitem(globals_of_erase, "complete", complete_with_a_fault)

    result = run_now(NAME, now=NOW)

    assert result.status == "partial"
    assert faults == [False], "its rows had gone when it failed"
    assert result.details["errors"] == [{"id": bad.pk, "error": "RuntimeError"}]
    assert [status_of(request) for request in (bad, good)] == [Status.PENDING, Status.COMPLETED]
    assert (bad.attempts, bad.last_error, bad.last_attempt_at) == (1, "RuntimeError", NOW)
    assert PushToken.objects.get().user_id == bad.user_pk
    assert Notification.objects.get().user_id == bad.user_pk
    assert User.objects.filter(pk=bad.user_pk).exists()

    assert run_now(NAME, now=NOW + timedelta(days=1)).success

    assert status_of(bad) == Status.COMPLETED
    assert not PushToken.objects.exists()


def test_the_last_superuser_is_refused_and_the_others_go():
    last = ask(UserFactory(is_superuser=True, is_staff=True))
    other = ask(UserFactory())

    result = run_now(NAME, now=NOW)

    assert result.status == "partial"
    assert [status_of(request) for request in (last, other)] == [Status.PENDING, Status.COMPLETED]
    assert last.last_error == "LastSuperuser"


def test_a_search_that_fails_keeps_nobody_from_being_erased(monkeypatch):
    user = UserFactory(email="ann@example.org")
    told = NotificationFactory(user=UserFactory(), body="Write to ann@example.org.")
    ask(user)

    def fail(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr(erasure, "recheck", fail)

    result = run_now(NAME, now=NOW)

    assert result.status == "partial"
    assert result.details["errors"] == [{"id": "before", "error": "RuntimeError"}]
    assert User.objects.get(pk=user.pk).anonymized_at
    told.refresh_from_db()
    assert told.body == "Write to [removed]."


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


def test_files_go_after_the_commit_and_one_that_fails_is_told_and_tried_again(refuse_to_delete, monkeypatch):
    user = UserFactory()
    uploads = [UploadFactory(uploaded_by=user), UploadFactory(uploaded_by=user)]
    missing = UploadFactory(uploaded_by=user)
    default_storage.delete(missing.file.name)
    ask(user)
    assert all(default_storage.exists(upload.file.name) for upload in uploads)

    refuse_to_delete(uploads[0].file.name)
    result = run_now(NAME, now=NOW)
    monkeypatch.undo()

    assert result.status == "partial"
    [error] = result.details["errors"]
    assert error["id"] == f"upload {uploads[0].pk}"
    assert "1 deletion request." in result.message
    assert "1 files" in result.message
    assert "unchanged" not in result.details["counts"]
    assert result.details["counts"]["files_removed"] == 2
    assert list(Upload.objects.all()) == [uploads[0]]
    assert Upload.objects.get().condemned_at
    assert default_storage.exists(uploads[0].file.name)

    run_now(NAME, now=NOW)
    assert not Upload.objects.exists()
    assert not default_storage.exists(uploads[0].file.name)


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

    def refuse(**kwargs):
        raise OSError(f"550 {kwargs['recipient_list']} unknown")

    monkeypatch.setattr("bazaar.deletion_notice.send_mail", refuse)

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


# Refused or failed means untouched


def texts_of_others(address):
    return [
        NotificationFactory(body=f"From {address}", data={address: [address]}),
        AuditLogFactory(user=None, metadata={"note": address}),
        ProjectFactory(description=f"Ask {address}"),
        IdeaFactory(title=f"{address} has one"),
    ]


def contents(rows):
    return [type(row).objects.filter(pk=row.pk).values().get() for row in rows]


@pytest.mark.parametrize("cause", ["refused", "failed", "cancelled"])
def test_what_others_wrote_is_untouched_when_the_request_is_not_carried_out(cause, monkeypatch):
    user = UserFactory(email="ann@example.org", is_superuser=cause == "refused", is_staff=cause == "refused")
    request, other = ask(user), ask(UserFactory(email="ben@example.org"))
    texts, of_the_other = texts_of_others("ann@example.org"), texts_of_others("ben@example.org")
    before, before_of_the_other = contents(texts), contents(of_the_other)
    erase = erasure.erase

    def erase_unless_it_is_ann(request_id, now, **options):
        if request_id == request.pk and cause == "cancelled":
            DeletionRequest.objects.cancel(request, reason="changed_mind")
        evidence = erase(request_id, now, **options)
        if request_id == request.pk and cause == "failed":
            assert contents(texts) != before, "it failed after it had changed them"
            raise RuntimeError
        return evidence

    monkeypatch.setattr(erasure, "erase", erase_unless_it_is_ann)

    run_now(NAME)

    assert status_of(other) == Status.COMPLETED
    assert status_of(request) == (Status.CANCELLED if cause == "cancelled" else Status.PENDING)
    assert contents(texts) == before
    assert contents(of_the_other) != before_of_the_other
    assert "ben@" not in str(contents(of_the_other))


# A user who has vanished


def test_a_request_whose_user_has_vanished_cannot_be_proven():
    request = ask(user := UserFactory())
    vanish(user)

    result = run_now(NAME)

    assert result.success
    assert status_of(request) == Status.UNPROVEN
    assert result.message.endswith("1 cannot be proven: the account had vanished before.")
    assert result.details["counts"]["users_unproven"] == 1
    assert run_now(NAME).details["counts"] == {}


# The search


def test_a_search_that_was_interrupted_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(searches, "KEYS_OF_A_PART", 1)
    user = UserFactory(email="ann@example.org")
    notifications = [NotificationFactory(body="From ann@example.org") for _ in range(6)]
    ask(user)
    real, searched = searches.perform, []

    def perform(part):
        if len(searched) == 4:
            raise KeyboardInterrupt
        searched.append((part.model, part.last))
        return real(part)

    monkeypatch.setattr(searches, "perform", perform)
    with pytest.raises(KeyboardInterrupt):
        run_now(NAME)
    assert ErasureSearchPart.objects.exists()
    first, searched[:] = [*searched], []
    monkeypatch.setattr(searches, "perform", lambda part: searched.append((part.model, part.last)) or real(part))
    JobRun.objects.update(heartbeat_at=NOW)

    assert run_now(NAME).success

    assert len(first) == 4
    assert not {*first} & {*searched}
    assert {Notification.objects.get(pk=row.pk).body for row in notifications} == {"From [removed]"}
    assert not ErasureSearch.objects.exists()
    assert not ErasureSearchHit.objects.exists()


def test_a_text_that_is_written_after_the_search_is_searched_by_the_erasure(monkeypatch):
    user = UserFactory(email="ann@example.org")
    old = NotificationFactory(body="From ann@example.org")
    ask(user)
    late = []
    real = searches.found_for

    def found_for(request):
        late.append(NotificationFactory(body="Late, from ann@example.org"))
        return real(request)

    monkeypatch.setattr(searches, "found_for", found_for)

    assert run_now(NAME).success

    assert {Notification.objects.get(pk=row.pk).body for row in [old, *late]} == {
        "From [removed]",
        "Late, from [removed]",
    }


def test_one_search_serves_any_number_of_requests(monkeypatch):
    people = [UserFactory(email=f"user-{number}@example.org") for number in range(5)]
    for person in people:
        NotificationFactory(body=person.email)
        ask(person)
    searched, real = [], searches.perform
    monkeypatch.setattr(searches, "perform", lambda part: searched.append((part.model, part.after)) or real(part))

    assert run_now(NAME).success

    assert len(searched) == len(set(searched))
    assert set(Notification.objects.values_list("body", flat=True)) == {"[removed]"}


# The storage


def test_a_storage_that_is_not_there_fails_the_run(tmp_path):
    ask(UserFactory(avatar=UploadFactory()))
    upload = UploadFactory(condemned_at=NOW)
    shutil.move(tmp_path, tmp_path.with_name("elsewhere"))

    result = run_now(NAME)

    assert result.status == "failed"
    assert "storage is not there" in result.message
    assert Upload.objects.filter(pk=upload.pk).exists()
    shutil.move(tmp_path.with_name("elsewhere"), tmp_path)
    assert run_now(NAME).success
    assert not Upload.objects.exists()
