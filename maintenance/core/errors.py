"""What can go wrong, and the one record that is made of it.

The text of an exception quotes people's data: an `IntegrityError` the row, an SMTP error the address. What is kept is
the class, the SQLSTATE, the constraint and the frames. Errors of our own are raised with a sentence for the operator,
which names no person, and that sentence may be shown.
"""

import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypedDict

from maintenance.conf import settings


class MaintenanceError(Exception):
    """Base of the errors whose text is a sentence for the operator."""


class UnknownJob(MaintenanceError, LookupError):
    """No job has this name."""

    def __init__(self, name: str, names: Iterable[str]) -> None:
        super().__init__(f"There is no job '{name}'. The jobs are: {', '.join(names)}.")


class BrokenJob(MaintenanceError):
    """A job cannot be loaded."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The job '{name}' cannot be loaded ({reason}): mend its module.")


class InvalidJob(MaintenanceError):
    """A job's definition cannot be registered."""


class InvalidCron(MaintenanceError):
    """A cron expression is refused; the text says why, and `meant` is what was probably meant, where that is known."""

    def __init__(self, text: str, meant: str = "") -> None:
        super().__init__(text)
        self.meant = meant


class InvalidRetention(MaintenanceError):
    """An age limit is not a whole number of at least one day or year."""


class NotReady(MaintenanceError):
    """The program is not fit to run a job: a setting, the database or a clock has to be mended first."""


class ContractBroken(MaintenanceError):
    """A job did not keep the engine's contract."""


class RunMustEnd(MaintenanceError):
    """Nothing that is still to be done could be done: the run ends here, failed, with this sentence."""


class Frame(TypedDict):
    """A place in the code that the exception passed."""

    file: str
    line: int
    function: str


class ErrorRecord(TypedDict):
    """All that is kept of an exception."""

    error: str
    sqlstate: str | None
    constraint: str | None
    frames: list[Frame]


def record_of(error: BaseException) -> ErrorRecord:
    """Return what may be kept of `error`: never its text, never a local value."""
    driver_error = next((e for e in _chain(error) if getattr(e, "sqlstate", None)), None)
    diagnosis = getattr(driver_error, "diag", None)
    return {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "sqlstate": getattr(driver_error, "sqlstate", None),
        "constraint": getattr(diagnosis, "constraint_name", None),
        "frames": [
            {"file": _short(frame.filename), "line": frame.lineno or 0, "function": frame.name}
            for frame in traceback.extract_tb(error.__traceback__, limit=-20)
        ],
    }


def summary_of(error: BaseException) -> str:
    """Return `error` in a few words: class, SQLSTATE and constraint; `places` of an error are models and fields."""
    record = record_of(error)
    words = [type(error).__qualname__, record["sqlstate"], record["constraint"], *getattr(error, "places", ())]
    return " ".join(word for word in words if word)


def _chain(error: BaseException | None) -> Iterator[Any]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _short(filename: str) -> str:
    """Drop what a path says about the machine: the project's folder, or everything before an installed package."""
    _, found, package = filename.rpartition("site-packages/")
    if found:
        return package
    path, project = Path(filename), settings.BASE_DIR
    return str(path.relative_to(project)) if project and path.is_relative_to(project) else path.name
