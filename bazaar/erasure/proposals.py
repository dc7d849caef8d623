"""Propose a policy for a field that has none, guessed from its name and type. A person has to decide."""

from typing import Any

from django.conf import settings
from django.db.models import CharField, EmailField, Field, FileField, GenericIPAddressField, JSONField, TextField

from bazaar.redaction import is_personal_key


def is_text(field: "Field[Any, Any]") -> bool:
    """Tell whether a column can hold any text: no choices, and no key."""
    kinds = (CharField, TextField, JSONField, FileField)
    return isinstance(field, kinds) and not field.choices and not field.primary_key


def proposal(field: "Field[Any, Any]") -> str:
    """Return the line that is probably right for a field."""
    name = field.name
    owner = _owner(field.model)
    found = f'by_user("{owner}")' if owner else "everywhere()"
    if _names_a_user(field):
        action = "NULL" if field.null else "DELETE_ROW"
        return f'personal("{name}", DataCategory.PERSON, by_user("{name}"), {action})'
    if isinstance(field, EmailField):
        return f'personal("{name}", DataCategory.ADDRESS, by_email("{name}"), DELETE_ROW)'
    if isinstance(field, GenericIPAddressField):
        return f'personal("{name}", DataCategory.ORIGIN, {found}, DELETE_ROW)'
    if is_text(field):
        return _for_text(field, found, has_owner=owner is not None)
    return f'not_personal("{name}")'


def _for_text(field: "Field[Any, Any]", found: str, *, has_owner: bool) -> str:
    category = "NAME" if is_personal_key(field.name) else "TEXT"
    if isinstance(field, JSONField):
        category = "DATA"
    if isinstance(field, FileField):
        category = "FILE"
    return f'personal("{field.name}", DataCategory.{category}, {found}, {"DELETE_ROW" if has_owner else "REDACT"})'


def _owner(model: Any) -> str | None:
    return next((field.name for field in model._meta.concrete_fields if _names_a_user(field)), None)


def _names_a_user(field: "Field[Any, Any]") -> bool:
    target = field.related_model
    return isinstance(target, type) and target._meta.label == settings.AUTH_USER_MODEL
