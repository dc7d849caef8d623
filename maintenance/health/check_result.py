"""The result of a health check, and the health report that all results make."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils.functional import Promise

from maintenance.core.states import Level


@dataclass(frozen=True)
class CheckResult:
    """One finding with its action. `code` is for machines and stays the same. No sentence names a person.

    A command of the remedy stands in parentheses where the pages have a button or a link for it. `run` is an id.
    """

    code: str
    level: Level
    sentence: str
    remedy: str = ""
    job: str = ""
    run: int | None = None
    subject: str = ""
    """What tells two results with the same code and job apart, and stays the same while their cause lasts."""

    @property
    def key(self) -> str:
        """The digest of code, job and subject: results with the same key are about the same trouble."""
        return sha256(f"{self.code}\0{self.job}\0{self.subject}".encode()).hexdigest()

    @classmethod
    def ok(cls, code: str, sentence: str) -> "CheckResult":
        return cls(code, Level.WELL, sentence)

    @classmethod
    def warning(
        cls, code: str, sentence: str, remedy: str | Promise, job: str = "", run: int | None = None
    ) -> "CheckResult":
        return cls(code, Level.WARNING, sentence, str(remedy), job, run)

    @classmethod
    def error(
        cls,
        code: str,
        sentence: str,
        remedy: str | Promise,
        job: str = "",
        run: int | None = None,
        *,
        subject: str = "",
    ) -> "CheckResult":
        return cls(code, Level.WRONG, sentence, str(remedy), job, run, subject)

    def as_json(self) -> dict[str, Any]:
        """Return the members that a document has of it."""
        return {name: value for name, value in asdict(self).items() if name != "subject"}


@dataclass(frozen=True)
class HealthReport:
    """The results of all health checks at one moment."""

    results: Sequence[CheckResult]
    checked_at: datetime
    seconds: float

    @property
    def level(self) -> Level:
        """The worst level of all results."""
        return max((result.level for result in self.results), key=list(Level).index, default=Level.WELL)

    @property
    def is_healthy(self) -> bool:
        """Whether there is no error; there may be warnings."""
        return self.level is not Level.WRONG

    def as_json(self) -> dict[str, Any]:
        """Return the document of `docs/schemas/doctor.json`, whose members keep their names."""
        return {
            "status": self.level,
            "examined_at": self.checked_at.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "verdicts": [result.as_json() for result in self.results],
        }
