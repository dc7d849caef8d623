"""Refusals of commands: a code for machines, a sentence for people, an exit status for scripts."""

import os
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from maintenance.cli.documents import error_of, is_json_wanted
from maintenance.core.errors import (
    BrokenJob,
    InvalidAssumption,
    InvalidCron,
    InvalidPause,
    InvalidRetention,
    MaintenanceError,
    NotReady,
    UnknownJob,
)
from maintenance.core.escaping import printable
from maintenance.core.json_encoder import encode

FAILED = 1
USAGE = 2
EX_CONFIG = os.EX_CONFIG

WRONG_USAGE = "wrong-usage"
NOT_CONFIGURED = "improperly-configured"
DATABASE_ERROR = "database-error"
UNEXPECTED_ERROR = "unexpected-error"


class Refusal(MaintenanceError):
    """A command refuses, with a code and an exit status of its own."""

    def __init__(self, sentence: str, *, code: str, exit_status: int) -> None:
        super().__init__(sentence)
        self.code = code
        self.exit_status = exit_status

    @classmethod
    def of_usage(cls, sentence: str) -> "Refusal":
        return cls(sentence, code=WRONG_USAGE, exit_status=USAGE)


def exit_status_of(error: MaintenanceError) -> int:
    """Return the exit status of a command that ends with `error`: usage, configuration, or failure."""
    if isinstance(error, Refusal):
        return error.exit_status
    if isinstance(error, UnknownJob | InvalidCron | InvalidPause | InvalidAssumption):
        return USAGE
    return EX_CONFIG if isinstance(error, BrokenJob | NotReady | InvalidRetention) else FAILED


def code_of(error: Exception) -> str:
    """Return the code of `error`: the name of its class in kebab case (`unknown-job`)."""
    if isinstance(error, Refusal):
        return error.code
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def refuse_to_start(arguments: Sequence[str], *sentences: str) -> NoReturn:
    """End `manage.py` because its settings are invalid; `--json` among the `arguments` makes it a document."""
    if is_json_wanted(arguments):
        document: dict[str, Any] = error_of(NOT_CONFIGURED, " ".join(sentences), EX_CONFIG)
        sys.stdout.write(f"{encode(document)}\n")
    else:
        sys.stderr.writelines(f"{printable(sentence)}\n" for sentence in sentences)
    sys.exit(EX_CONFIG)
