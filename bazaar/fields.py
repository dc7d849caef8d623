"""Model fields of the domain."""

import unicodedata
from typing import Any

from django.db import models
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Lower

from bazaar.pictures import cleaned


def normalize_email(address: str) -> str:
    """Return the one form of an e-mail address in which it is stored and looked up: stripped, NFC, lower case."""
    return unicodedata.normalize("NFC", address.strip()).lower()


class NormalizedEmailField(models.EmailField):  # type: ignore[type-arg] # not generic at run time
    """An e-mail address that is normalised on its way into the database, in values and in look-ups alike."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return normalize_email(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return normalize_email(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value


PLACEHOLDER_NAME, PLACEHOLDER_DOMAIN = "deleted-", "@deleted.invalid"
"""What stands before and behind the id in the address of an anonymised user. Mail to `.invalid` goes nowhere."""
PLACEHOLDER_DOMAINS = (PLACEHOLDER_DOMAIN, "@deleted.local")
"""The domain of today, and the one that older rows have."""


def is_placeholder(address: str) -> bool:
    """Tell whether an address is that of an anonymised user, and so nobody's."""
    return address.startswith(PLACEHOLDER_NAME) and address.endswith(PLACEHOLDER_DOMAINS)


def is_lower_case(field: str, name: str) -> models.CheckConstraint:
    """A constraint that keeps an e-mail column in lower case, so that a plain index finds every address."""
    return models.CheckConstraint(condition=models.Q(**{field: Lower(field)}), name=name)


class PictureFile(FieldFile):
    """A file that is written anew as the picture that it is, before it is stored."""

    def save(self, name: str, content: Any, save: bool = True) -> None:
        picture, mime_type = cleaned(content)
        for column, value in (("mime_type", mime_type), ("size", picture.size)):
            setattr(self.instance, column, value)
        super().save(name, picture, save)


class PictureField(models.FileField):
    """The file of an upload; its model has the columns `mime_type` and `size`, which follow the content."""

    attr_class = PictureFile

    def deconstruct(self) -> Any:
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.FileField", args, options
