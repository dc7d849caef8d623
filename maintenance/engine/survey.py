"""Examine all files of a stage before the run acts: which are due, and how many there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from maintenance.core.database import read_only
from maintenance.core.stages import DueFiles, FileStage, add_counts
from maintenance.engine.reconnect import Reconnector

Examine = Callable[[Sequence[str]], DueFiles[Any]]


@dataclass
class Survey:
    """Numbers of files: due ones, all, and what the stage counted beside them."""

    due: int = 0
    total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


def survey(stage: FileStage[Any], examine: Examine | None = None) -> Survey:
    """Examine the files part by part; `examine` stands for the stage's `due`."""
    [found] = surveys(stage, [examine or stage.due])
    return found


def surveys(stage: FileStage[Any], examinations: Sequence[Examine]) -> list[Survey]:
    """Examine the files part by part in several ways; they are listed once."""
    found = [Survey() for _ in examinations]
    for names in stage.list_all():
        for one, examine in zip(found, examinations, strict=True):
            part = examine(names)
            one.due += len(part.due)
            one.total += len(names)
            one.counts = add_counts(one.counts, part.counts)
    return found


def during_run(stage: FileStage[Any], reconnector: Reconnector, renew: Callable[[], None]) -> Examine:
    """Return the stage's `due` for a run: `renew` keeps the lease between the parts, or raises `FenceClosed`."""

    def due_among(names: Sequence[str]) -> DueFiles[Any]:
        renew()
        with read_only():
            return stage.due(names)

    return lambda names: reconnector.retry(partial(due_among, names))
