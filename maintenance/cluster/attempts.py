"""Attempt a part of the cluster's work. An error that lasts is logged at its begin, ever more rarely, at its end."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import Error, connections

from maintenance.core.counting import counted
from maintenance.core.errors import NotReady, summary_of

logger = logging.getLogger(__name__)

TIMES = ("time", "times")
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 3_600.0
"""Seconds between two records of an error that lasts; each pause is twice as long as the one before."""


@dataclass
class _Fault:
    """An error that a part raises again and again."""

    name: str
    times: int = 0
    pause: float = FIRST_PAUSE
    log_at: float = 0.0


@dataclass
class Attempts:
    """Attempts parts of the work, and knows which of them fail."""

    _faults: dict[str, _Fault] = field(default_factory=dict)

    def __call__(self, part: Callable[[], object]) -> bool:
        """Do a part of the work; return `False` when the database raises, or is not ready. Other errors are logged."""
        try:
            part()
        except NotReady as error:
            self._failed(part, "The cluster does no work", str(error).rstrip("."))
            return False
        except Error as error:
            self._failed(part, "The database raised an error", summary_of(error))  # its text can quote rows
            connections.close_all()
            return False
        except Exception as error:
            self._failed(part, "A part of the cluster's work failed", type(error).__name__, error)
        else:
            self._ended(part)
        return True

    def _failed(self, part: Callable[[], object], what: str, cause: str, trace: Exception | None = None) -> None:
        now, name = time.monotonic(), f"{what}: {cause}"
        fault = self._faults.get(_key(part))
        if fault is None or fault.name != name:
            fault = self._faults[_key(part)] = _Fault(name)
        fault.times += 1
        if fault.times > 1 and now < fault.log_at:
            return
        if fault.times > 1:
            fault.pause = min(LONGEST_PAUSE, 2 * fault.pause)
        fault.log_at = now + fault.pause
        often = f" ({counted(fault.times, TIMES)} until now)" if fault.times > 1 else ""
        logger.error("%s%s.", name, often, exc_info=trace)

    def _ended(self, part: Callable[[], object]) -> None:
        if fault := self._faults.pop(_key(part), None):
            logger.warning(
                "This is over: %s (%s).", fault.name, "once" if fault.times == 1 else counted(fault.times, TIMES)
            )


def _key(part: Callable[[], object]) -> str:
    return f"{part.__module__}.{part.__qualname__}"
