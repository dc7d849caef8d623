"""Rows that several tests of erasure need."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType


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
