"""Errors, and the only record that is made of one.

The text of an exception can quote personal data: an `IntegrityError` quotes the row, an SMTP error the address. The
record keeps class, SQLSTATE, constraint and frames. `MaintenanceError`s have a sentence for the operator that names no
person; it may be shown.
"""

import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypedDict

from maintenance.conf import settings
from maintenance.core.sqlstates import OF_NO_UNIT, READ_ONLY, WORTH_A_SECOND_TRY, of_sqlite


class MaintenanceError(Exception):
    """Base of the errors whose text is a sentence for the operator."""


class UnknownJob(MaintenanceError, LookupError):
    """No job has this name."""

    def __init__(self, name: str, names: Iterable[str]) -> None:
        super().__init__(f"There is no job '{name}'. The jobs are: {', '.join(names)}.")


class BrokenJob(MaintenanceError):
    """A job cannot be loaded."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The job '{name}' cannot be loaded ({reason}): correct its module.")


class InvalidJob(MaintenanceError):
    """A job's definition cannot be registered."""


class InvalidCron(MaintenanceError):
    """A cron expression is refused. The text gives the reason, `meant` the probable intention, where it is known."""

    def __init__(self, text: str, meant: str = "") -> None:
        super().__init__(text)
        self.meant = meant


class InvalidPause(MaintenanceError):
    """The end of a pause cannot be used."""


class InvalidRetention(MaintenanceError):
    """An age limit is not a whole number of at least one day or year."""


class InvalidAssumption(MaintenanceError):
    """An assumed value of an age limit cannot be used."""


class NotReady(MaintenanceError):
    """No job can run: a setting, the database or a clock must be corrected first."""


class ContractBroken(MaintenanceError):
    """A job broke the engine's contract."""


class RunMustEnd(MaintenanceError):
    """Nothing that is still to be done could be done: the run ends here, failed, with this sentence."""


class Frame(TypedDict):
    """A stack frame."""

    file: str
    line: int
    function: str


class ErrorRecord(TypedDict):
    """The record of an exception."""

    error: str
    sqlstate: str | None
    constraint: str | None
    frames: list[Frame]


def record_of(error: BaseException) -> ErrorRecord:
    """Return the record of `error`: without its text and without local values."""
    driver_error = next((e for e in _chain(error) if _sqlstate(e)), None)
    diagnosis = getattr(driver_error, "diag", None)
    return {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "sqlstate": _sqlstate(driver_error),
        "constraint": getattr(diagnosis, "constraint_name", None),
        "frames": [
            {"file": _short(frame.filename), "line": frame.lineno or 0, "function": frame.name}
            for frame in traceback.extract_tb(error.__traceback__, limit=-20)
        ],
    }


def summary_of(error: BaseException) -> str:
    """Return class, SQLSTATE and constraint of `error`, and the models and fields in its `places`."""
    record = record_of(error)
    words = [type(error).__qualname__, record["sqlstate"], record["constraint"], *getattr(error, "places", ())]
    return " ".join(word for word in words if word)


def is_worth_a_second_try(error: BaseException) -> bool:
    """Return whether the same statements may succeed at once."""
    return record_of(error)["sqlstate"] in WORTH_A_SECOND_TRY


def is_of_no_unit(error: BaseException) -> bool:
    """Return whether the database cannot serve anybody, so that no unit of a batch is at fault."""
    return record_of(error)["sqlstate"] in OF_NO_UNIT


def refuses_to_write(error: BaseException) -> bool:
    """Return whether the database is read-only, as a server is before and after a fail-over."""
    return record_of(error)["sqlstate"] == READ_ONLY


def _sqlstate(error: BaseException | None) -> str | None:
    """Return the SQLSTATE of a driver's error. SQLite has none: its own codes are translated."""
    code = getattr(error, "sqlite_errorcode", None)
    return getattr(error, "sqlstate", None) if code is None else of_sqlite(code)


def _chain(error: BaseException | None) -> Iterator[Any]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _short(filename: str) -> str:
    """Return a path without the project's folder, or without everything before an installed package."""
    _, found, package = filename.rpartition("site-packages/")
    if found:
        return package
    path, project = Path(filename), settings.BASE_DIR
    return str(path.relative_to(project)) if project and path.is_relative_to(project) else path.name
