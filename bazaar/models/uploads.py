"""Uploaded files."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from bazaar.fields import PictureField
from bazaar.file_names import validate_name
from bazaar.models.base import Record, by_age
from bazaar.pictures import EXTENSIONS


def random_name(upload: "Upload", _client_name: str) -> str:
    """Name a stored file by a UUID and its MIME type; the client's own name never reaches the storage."""
    return f"{uuid.uuid4()}{EXTENSIONS.get(upload.mime_type, '')}"


class Upload(Record):
    """A file that somebody uploaded: an avatar, a project's image, or nothing any more."""

    file = PictureField(upload_to=random_name, max_length=255, validators=[validate_name])
    original_name = models.CharField(max_length=255, blank=True)
    mime_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="uploads"
    )
    condemned_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Since when the file is to be removed; nothing can be made to use it any more.",
    )

    in_use = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Nobody has to look whether something refers to it. Triggers keep it; `False` says nothing.",
    )

    class Meta:
        verbose_name = "upload"
        indexes = [
            # An upload is found by its age and its file until it is marked for removal: later writes cost less.
            by_age("created_at", condition=models.Q(condemned_at=None), name="upload_created_at"),
            by_age("created_at", condition=models.Q(condemned_at=None, in_use=False), name="upload_unused_created_at"),
            models.Index(fields=["file"], condition=models.Q(condemned_at=None), name="upload_file"),
            models.Index(fields=["id"], condition=models.Q(condemned_at__isnull=False), name="upload_condemned"),
            models.Index(fields=["id"], condition=models.Q(file__is_irregular=True), name="upload_irregular_name"),
        ]

    def save(self, *args: Any, **options: Any) -> None:
        """Save all but `in_use` of an existing row: a copy that was read before could bring an old value back."""
        if not self._state.adding and not args and options.get("update_fields") is None:
            options["update_fields"] = {field.name for field in self._meta.concrete_fields} - {"id", "in_use"}
        super().save(*args, **options)
