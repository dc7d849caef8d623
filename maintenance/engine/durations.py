"""The durations of batches, as a histogram of at most a few hundred numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

STEP = 1.05
"""Durations within 5 % of one another share a bucket, so a quantile is at most 5 % too high."""


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
        """Return the quantile of the durations for a `part` such as 0.99, in seconds; 0 where there are none."""
        wanted = part * sum(self.counts.values())
        for bound in sorted(self.counts):
            wanted -= self.counts[bound]
            if wanted <= 1e-9:  # noqa: PLR2004 - less than any count
                return min(STEP**bound, self.longest)
        return 0.0

    def figures(self) -> dict[str, float]:
        """Return the figures for a run's details, in seconds."""
        figures = {"median": self.quantile(0.5), "p99": self.quantile(0.99), "longest": self.longest}
        return {f"{name}_seconds": round(seconds, 3) for name, seconds in figures.items()}
