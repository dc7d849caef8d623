"""The rules that the database itself keeps."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bazaar.models import AuditLog, Project, Upload, User
from bazaar.triggers import install_triggers
from bazaar.uploads import orphans

pytestmark = pytest.mark.django_db


def make_upload(**fields):
    return Upload.objects.create(file="a.png", mime_type="image/png", size=1, **fields)


def test_a_marked_upload_cannot_become_an_avatar():
    user = User.objects.create_user("ann@example.org")
    condemned = make_upload(condemned_at=timezone.now())

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(avatar=condemned)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ben@example.org", avatar=condemned)


def test_a_marked_upload_cannot_become_the_image_of_a_project():
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.create(title="A", image=make_upload(condemned_at=timezone.now()))


def test_other_uploads_can_be_used():
    upload = make_upload()
    project = Project.objects.create(title="A", image=upload)
    user = User.objects.create_user("ann@example.org", avatar=upload)

    assert Project.objects.get().image == upload
    assert User.objects.get(pk=user.pk).avatar == upload
    project.title = "B"
    project.save()


@pytest.mark.parametrize(
    "change",
    [{"metadata": {"a": 1}}, {"ip_address": "192.0.2.1"}, {"user_agent": "x"}, {"resource_id": "7"}],
)
def test_a_changed_audit_log_is_to_be_examined_again(change):
    log = AuditLog.objects.create(action="x", cleaned_version=1)

    AuditLog.objects.filter(pk=log.pk).update(**change)

    log.refresh_from_db()
    assert log.cleaned_version == 0


def test_a_log_that_is_cleaned_or_loses_its_user_keeps_its_marker():
    log = AuditLog.objects.create(
        action="x", user=User.objects.create_user("ann@example.org"), metadata={"email": "ann@example.org"}
    )
    AuditLog.objects.filter(pk=log.pk).update(metadata={}, cleaned_version=1)

    AuditLog.objects.filter(pk=log.pk).update(user=None)

    log.refresh_from_db()
    assert log.cleaned_version == 1


def is_in_use(upload):
    return Upload.objects.values_list("in_use", flat=True).get(pk=upload.pk)


@pytest.fixture(params=["avatar", "image"])
def user_of(request):
    """Return a function that makes a row which uses an upload, and the name of the column."""

    def make(upload):
        if request.param == "image":
            return Project.objects.create(title="A", image=upload)
        return User.objects.create_user(f"ann-{User.objects.count()}@example.org", avatar=upload)

    return make, request.param


def test_an_upload_is_in_use_as_long_as_it_is_attached(user_of):
    make, column = user_of
    first, second = make_upload(), make_upload()
    assert not is_in_use(first)

    row = make(first)
    assert is_in_use(first)

    rows = type(row)._base_manager.filter(pk=row.pk)
    rows.update(**{column: second})
    assert (is_in_use(first), is_in_use(second)) == (False, True)
    rows.update(**{column: None})
    assert not is_in_use(second)
    rows.update(**{column: first})
    assert is_in_use(first)


def test_an_upload_of_a_deleted_row_may_be_unused(user_of):
    make, column = user_of
    upload = make_upload()
    row = make(upload)
    assert is_in_use(upload)

    rows = type(row)._base_manager.filter(pk=row.pk)
    if column == "avatar":
        rows.update(deleted_at=timezone.now())
    rows._raw_delete(rows.db)

    assert not is_in_use(upload)


def test_a_row_that_is_not_inserted_marks_nothing():
    upload, ann = make_upload(), User.objects.create_user("ann@example.org")

    User.objects.bulk_create([User(pk=ann.pk, email="ann@example.org", avatar=upload)], ignore_conflicts=True)

    assert User.objects.get().avatar is None
    assert not is_in_use(upload)


def test_an_upload_that_two_use_may_be_unused_when_one_has_gone_and_is_then_found_in_use():
    upload = make_upload(created_at=timezone.now() - timedelta(days=90))
    projects = [Project.objects.create(title="A", image=upload) for _ in range(2)]

    projects[0].delete()

    assert not is_in_use(upload)
    assert not orphans(timezone.now()).exists()
    projects[1].delete()
    assert orphans(timezone.now()).get() == upload


def test_a_marker_that_is_wrong_is_taken_back_by_a_migration():
    unused, used = make_upload(in_use=True), make_upload()
    Project.objects.create(title="A", image=used)

    install_triggers()

    assert (is_in_use(unused), is_in_use(used)) == (False, True)
