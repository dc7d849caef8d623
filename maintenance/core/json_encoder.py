"""The one encoder of JSON documents, for commands and pages. Nothing here reads the settings."""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


class Encoder(DjangoJSONEncoder):
    """Encodes values that JSON has no type for.

    A time is ISO 8601 in UTC (`2026-01-31T04:30:00+00:00`), and so is a duration. `as_json` of a value decides its
    form, at any depth; any other dataclass is an object of its fields.
    """

    def default(self, o: Any) -> Any:
        if hasattr(o, "as_json"):
            return o.as_json()
        if is_dataclass(o):
            return {field.name: getattr(o, field.name) for field in fields(o)}
        if isinstance(o, datetime) and o.tzinfo is not None:
            return o.astimezone(UTC).isoformat()
        if isinstance(o, Enum):
            return o.value
        if isinstance(o, PurePath):
            return str(o)
        return super().default(o)


def encode(value: Any) -> str:
    """Return a document as commands print it."""
    return json.dumps(value, indent=2, cls=Encoder, allow_nan=False)
