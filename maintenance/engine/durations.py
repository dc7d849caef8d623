"""How long batches took: their distribution in a few hundred numbers, however many they are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

STEP = 1.05
"""Durations within 5 % of one another are counted together, so that a quantile is at most that much too high."""


@dataclass(frozen=True)
class Durations:
    """A histogram of durations: `counts` by the power of `STEP` that is the upper bound, in seconds."""

    counts: Mapping[int, int] = field(default_factory=dict)
    longest: float = 0.0

    def including(self, seconds: float) -> Self:
        """Return the histogram with one duration more."""
        bound = math.ceil(math.log(max(seconds, 1e-6), STEP))
        counts = {**self.counts, bound: self.counts.get(bound, 0) + 1}
        return type(self)(counts, max(self.longest, seconds))

    def quantile(self, part: float) -> float:
        """Return the seconds within which this part of all (0.99) stayed; 0 where there are none."""
        wanted = part * sum(self.counts.values())
        for bound in sorted(self.counts):
            wanted -= self.counts[bound]
            if wanted <= 1e-9:  # noqa: PLR2004 - less than any count
                return min(STEP**bound, self.longest)
        return 0.0

    def figures(self) -> dict[str, float]:
        """Return what a run's details hold of it, in seconds."""
        figures = {"median": self.quantile(0.5), "p99": self.quantile(0.99), "longest": self.longest}
        return {f"{name}_seconds": round(seconds, 3) for name, seconds in figures.items()}
