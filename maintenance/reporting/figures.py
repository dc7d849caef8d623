"""The figures of runs: of one run, of a day, or of a period. They are added up in this one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Self

from maintenance.core.stages import add_counts
from maintenance.core.states import FAILURES, Status


@dataclass(frozen=True)
class Units:
    """What became of the units of runs.

    `due` were counted at the start of a run. `done` and `unchanged` ones need nothing more. `late` ones were due and
    left to a later run, which counts them as due once more. `held` ones are none of them: a hold keeps them back.
    """

    due: int = 0
    done: int = 0
    unchanged: int = 0
    late: int = 0
    held: int = 0

    def __add__(self, other: "Units") -> "Units":
        return Units(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def __sub__(self, other: "Units") -> "Units":
        """Return what `other` does not have; no figure is less than zero."""
        return Units(*(max(0, getattr(self, one.name) - getattr(other, one.name)) for one in fields(self)))

    @classmethod
    def of(cls, figures: Mapping[str, int]) -> Self:
        """Return the figures of a mapping; `late` follows from the others where it is not among them."""
        known = {one.name: figures.get(one.name, 0) for one in fields(cls)}
        late = max(0, known["due"] - known["done"] - known["unchanged"])
        return cls(**known | {"late": figures.get("late", late)})

    def as_dict(self) -> dict[str, int]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True)
class Figures:
    """Figures of some runs; `limits` has those of each age limit, by its setting, of a job that has several."""

    runs: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    missed: int = 0
    failed: int = 0
    units: Units = field(default_factory=Units)
    duration: timedelta = timedelta(0)
    limits: Mapping[str, Units] = field(default_factory=dict)

    @property
    def failures(self) -> int:
        """Runs whose cause of failure an operator has to find."""
        return sum(self.statuses.get(status, 0) for status in FAILURES)

    def __add__(self, other: "Figures") -> "Figures":
        limits = dict(self.limits)
        for name, units in other.limits.items():
            limits[name] = limits.get(name, Units()) + units
        return Figures(
            runs=self.runs + other.runs,
            statuses=add_counts(self.statuses, other.statuses),
            missed=self.missed + other.missed,
            failed=self.failed + other.failed,
            units=self.units + other.units,
            duration=self.duration + other.duration,
            limits=limits,
        )

    def details(self) -> dict[str, Any]:
        """Return what a daily total keeps beside its columns, in the form of a run's `details`."""
        counts = {"failed": self.failed, "held_back": self.units.held, "unchanged": self.units.unchanged}
        return {
            "counts": {name: number for name, number in counts.items() if number},
            "late": self.units.late,
            "missed": self.missed,
            "limits": {name: units.as_dict() for name, units in self.limits.items()},
        }


def figures_of(
    status: str,
    runs: int,
    items_due: int | None,
    items_done: int,
    duration: timedelta | None,
    details: Mapping[str, Any],
) -> Figures:
    """Return the figures of a run, or of a daily total, which has the same columns."""
    counts = details.get("counts", {})
    units = {"done": items_done, "unchanged": counts.get("unchanged", 0), "held": counts.get("held_back", 0)}
    # A run that the volume guard stopped has no number due of its own: nothing of it was done.
    units["due"] = details.get("brake", 0) if items_due is None else items_due
    if "late" in details:
        units["late"] = details["late"]
    return Figures(
        runs=runs,
        statuses={str(status): runs},
        missed=details.get("missed", runs if status == Status.MISSED else 0),
        failed=counts.get("failed", 0),
        units=Units.of(units),
        duration=duration or timedelta(0),
        limits={name: Units.of(found) for name, found in details.get("limits", {}).items()},
    )
