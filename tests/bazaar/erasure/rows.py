"""Rows that several tests of erasure need."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from bazaar.account_triggers import permit_deletion
from bazaar.models import DeletionRequest, User


def vanish(user):
    """Delete a user past the erasure, as somebody can who owns the database."""
    with transaction.atomic():
        DeletionRequest.objects.filter(user=user).update(user=None)
        rows = User.objects.filter(pk=user.pk)
        permit_deletion(rows, timezone.now())
        rows._raw_delete(rows.db)


def columns(row, *names):
    return {name: getattr(row, name) for name in names}


def entry_about(row, by):
    return LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr="Ann Smith",
        change_message="Ann Smith changed.",
        action_flag=CHANGE,
    )
