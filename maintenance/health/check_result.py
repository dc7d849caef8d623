"""What the doctor says: verdicts, each one sentence with its remedy and a code, and the report that they make."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from maintenance.core.states import Level


@dataclass(frozen=True)
class Verdict:
    """One thing that was looked at. `code` is for machines and stays the same; no sentence names a person."""

    code: str
    level: Level
    sentence: str
    remedy: str = ""
    job: str = ""


@dataclass(frozen=True)
class Report:
    """All that the doctor found."""

    verdicts: Sequence[Verdict]
    examined_at: datetime
    seconds: float

    @property
    def level(self) -> Level:
        """The worst of all verdicts."""
        return max((verdict.level for verdict in self.verdicts), key=list(Level).index, default=Level.WELL)

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong; there may be warnings."""
        return self.level is not Level.WRONG

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.level,
            "examined_at": self.examined_at.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
        }


def well(code: str, sentence: str) -> Verdict:
    return Verdict(code, Level.WELL, sentence)


def warning(code: str, sentence: str, remedy: str | Promise, job: str = "") -> Verdict:
    return Verdict(code, Level.WARNING, sentence, str(remedy), job)


def wrong(code: str, sentence: str, remedy: str | Promise, job: str = "") -> Verdict:
    return Verdict(code, Level.WRONG, sentence, str(remedy), job)
