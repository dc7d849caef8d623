"""What the queue stores: JSON, where django-q2 stores pickles. Loading a pickle can run any code.

A task in the queue is signed, a finished task is not. Pickles of an earlier version are not loaded: a task in the queue
is refused like one with a wrong signature, and the arguments of a finished task read as nothing.
"""

import json
from datetime import datetime
from typing import Any

from django.core import signing
from django_q.conf import Conf
from django_q.utils import get_func_repr
from picklefield.fields import PickledObjectField  # nothing is loaded # nosec B403

TIMES = ("started", "stopped")
"""Entries of a task that are times."""


class TaskSerializer:
    """Turns a task into JSON and back. Arguments are plain data: numbers, texts, lists and dictionaries."""

    def dumps(self, value: Any) -> bytes:
        if isinstance(value, dict):
            value = {name: _plain(name, part) for name, part in value.items()}
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        value = json.loads(data)
        if isinstance(value, dict):
            value |= {name: datetime.fromisoformat(value[name]) for name in TIMES if name in value}
            value |= {"args": tuple(value["args"])} if "args" in value else {}
            value |= {"chain": [tuple(step) for step in value["chain"]]} if value.get("chain") else {}
        return value


def _plain(name: str, value: Any) -> Any:
    if name in TIMES and isinstance(value, datetime):
        return value.isoformat()
    return get_func_repr(value) if name == "func" else value


class SignedPackage:
    """Replaces the class of the same name in django-q2."""

    @staticmethod
    def dumps(obj: Any, compressed: bool = Conf.COMPRESSED) -> str:
        return signing.dumps(obj, Conf.SECRET_KEY, _salt(), serializer=TaskSerializer, compress=compressed)

    @staticmethod
    def loads(obj: str) -> Any:
        """Return the object; raises `BadSignature`, also for what cannot be read."""
        try:
            return signing.loads(obj, Conf.SECRET_KEY, _salt(), serializer=TaskSerializer)
        except signing.BadSignature:
            raise
        except Exception as error:
            raise signing.BadSignature("The package cannot be read.") from error


def _salt() -> str:
    return f"{Conf.PREFIX}.json"  # another one than that of the pickles


class StoredJSON(PickledObjectField):  # type: ignore[misc] # the library has no types
    """The arguments or the result of a finished task. The column is the same as that of the pickles."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "picklefield.fields.PickledObjectField", args, kwargs

    def to_python(self, value: Any) -> Any:
        return value

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Any:
        try:
            return None if value is None else json.loads(value)
        except ValueError:
            return None  # a pickle

    def pre_save(self, model_instance: Any, add: bool) -> Any:  # noqa: ARG002
        return getattr(model_instance, self.attname)

    def get_db_prep_value(self, value: Any, connection: Any = None, prepared: bool = False) -> str | None:
        del connection, prepared
        return None if value is None else json.dumps(value, default=lambda part: f"<{type(part).__qualname__}>")
