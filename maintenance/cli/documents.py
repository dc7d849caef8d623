"""The documents that `--json` prints: one encoder for all of them, one layout for refusals.

The schemas are in `docs/schemas/`. Nothing here reads the settings, because `manage.py` may refuse before it has any.
"""

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

JSON_OPTION = "--json"
ABBREVIATIONS = {JSON_OPTION[:length] for length in range(3, len(JSON_OPTION) + 1)}
"""Abbreviations that argparse accepts."""


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
    """Return the document that a command prints."""
    return json.dumps(value, indent=2, cls=Encoder, allow_nan=False)


def error_of(code: str, message: str, exit_status: int) -> dict[str, Any]:
    """Return the member `error` of a document of a command that refused or failed."""
    return {"error": {"code": code, "message": message, "exit_status": exit_status}}


def is_json_wanted(arguments: Sequence[str]) -> bool:
    """Whether a command line has `--json`, even one that argparse refuses."""
    return not ABBREVIATIONS.isdisjoint(arguments)
