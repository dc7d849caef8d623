"""Examine all files of a stage before the run acts: which are due, and how many there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from maintenance.core.database import read_only
from maintenance.core.stages import DueFiles, FileStage, add_counts
from maintenance.engine.reconnect import Reconnector


@dataclass
class Survey:
    """Numbers of files: due ones, all, and what the stage counted beside them."""

    due: int = 0
    total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


def survey(stage: FileStage[Any], reconnector: Reconnector, renew: Callable[[], None]) -> Survey:
    """Examine the files part by part; `renew` keeps the lease between the parts, or raises `FenceClosed`."""

    def due_among(names: Sequence[str]) -> DueFiles[Any]:
        renew()
        with read_only():
            return stage.due(names)

    found = Survey()
    for names in stage.list_all():
        part = reconnector.retry(partial(due_among, names))
        found.due += len(part.due)
        found.total += len(names)
        found.counts = add_counts(found.counts, part.counts)
    return found
