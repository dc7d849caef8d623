"""The job `finalize-deletions`: refused or failed means untouched."""

import shutil
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from bazaar import erasure
from bazaar.deletion_requests import cancel_request
from bazaar.models import (
    Notification,
    PushToken,
    Upload,
    User,
)
from maintenance.engine.runner import run_now
from tests.bazaar.erasure.rows import vanish
from tests.bazaar.jobs.due_requests import NAME, NOW, Status, ask, status_of
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
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]


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
    assert "1 file could not" in result.message
    assert "unchanged" not in result.details["counts"]
    assert result.details["counts"]["files_removed"] == 2
    assert list(Upload.objects.all()) == [uploads[0]]
    assert Upload.objects.get().condemned_at
    assert default_storage.exists(uploads[0].file.name)

    run_now(NAME, now=NOW)
    assert not Upload.objects.exists()
    assert not default_storage.exists(uploads[0].file.name)


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
            cancel_request(request, reason="changed_mind")
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


def test_a_request_whose_user_has_vanished_cannot_be_proven():
    request = ask(user := UserFactory())
    vanish(user)

    result = run_now(NAME)

    assert result.success
    assert status_of(request) == Status.UNPROVEN
    assert result.message.endswith("1 deletion request cannot be proven: the account had vanished before.")
    assert result.details["counts"]["users_unproven"] == 1
    assert run_now(NAME).details["counts"] == {}


def test_a_storage_that_is_not_there_fails_the_run(uploads):
    ask(UserFactory(avatar=UploadFactory()))
    upload = UploadFactory(condemned_at=NOW)
    shutil.move(uploads, uploads.with_name("elsewhere"))

    result = run_now(NAME)

    assert result.status == "failed"
    assert "storage is not there" in result.message
    assert Upload.objects.filter(pk=upload.pk).exists()
    shutil.move(uploads.with_name("elsewhere"), uploads)
    assert run_now(NAME).success
    assert not Upload.objects.exists()
