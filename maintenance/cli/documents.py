"""The documents that `--json` prints: when they are wanted, and the one layout for refusals.

The schemas are in `docs/schemas/`. Nothing here reads the settings, because `manage.py` may refuse before it has any.
"""

from collections.abc import Sequence
from typing import Any

JSON_OPTION = "--json"
ABBREVIATIONS = {JSON_OPTION[:length] for length in range(3, len(JSON_OPTION) + 1)}
"""Abbreviations that argparse accepts."""


def error_of(code: str, message: str, exit_status: int) -> dict[str, Any]:
    """Return the member `error` of a document of a command that refused or failed."""
    return {"error": {"code": code, "message": message, "exit_status": exit_status}}


def is_json_wanted(arguments: Sequence[str]) -> bool:
    """Whether a command line has `--json`, even one that argparse refuses."""
    return not ABBREVIATIONS.isdisjoint(arguments)
