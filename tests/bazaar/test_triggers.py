"""The rules that the database itself keeps."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bazaar.models import AuditLog, Project, Upload, User

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
