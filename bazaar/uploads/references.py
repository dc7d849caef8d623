"""What refers to an upload: found from the models, so that a new reference is respected by itself."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Exists, ForeignKey, ManyToOneRel, OuterRef, QuerySet

from bazaar.models import Upload, User


def references() -> Iterator["ForeignKey[Any, Any]"]:
    """Yield every foreign key to `Upload`, of any model or through table, hidden relations included."""
    for relation in Upload._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            yield relation.field


def unreferenced(uploads: QuerySet[Upload], *, except_by: Collection[int] = ()) -> QuerySet[Upload]:
    """Return those of `uploads` that no row of any model refers to; users with the ids `except_by` do not count."""
    for reference in references():
        rows = reference.model._base_manager.filter(**{reference.name: OuterRef(reference.target_field.attname)})
        if reference.model is User:
            rows = rows.exclude(pk__in=except_by)
        uploads = uploads.filter(~Exists(rows))
    return uploads
