"""The distribution of durations: nearly as good as all of them."""

import json
import statistics

import pytest
from hypothesis import given, strategies as st

from maintenance.engine.durations import STEP, Durations

SECONDS = st.floats(min_value=1e-4, max_value=1e4)


def of(seconds):
    durations = Durations()
    for each in seconds:
        durations = durations.including(each)
    return durations


@given(st.lists(SECONDS, min_size=1, max_size=50), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_at_most_a_step_too_high(seconds, part):
    ordered = sorted(seconds)
    exact = next(each for n, each in enumerate(ordered, 1) if n >= part * len(ordered) - 1e-9)

    assert exact <= of(seconds).quantile(part) * (1 + 1e-9)
    assert of(seconds).quantile(part) <= exact * STEP * (1 + 1e-9)


def test_of_nothing_there_is_nothing():
    assert set(Durations().figures().values()) == {0.0}


def test_its_size_does_not_grow_with_the_number():
    durations = of(0.05 + n % 100 / 1_000 for n in range(20_000))

    assert len(durations.counts) < 50
    assert durations.figures()["median_seconds"] == pytest.approx(statistics.median([0.05, 0.149]), rel=0.06)
    assert json.loads(json.dumps(durations.figures()))["longest_seconds"] == 0.149
