"""Figures of runs, and their sums."""

from datetime import timedelta

import pytest

from maintenance.core.states import Status
from maintenance.reporting.figures import Figures, Units, figures_of


def test_what_is_neither_done_nor_left_alone_is_late():
    assert Units.of({"due": 10, "done": 6, "unchanged": 1}).late == 3
    assert Units.of({"due": 1, "done": 6}).late == 0, "more became due during the run"


def test_a_sum_is_the_sum_of_each_figure():
    one, two = Units(1, 2, 3, 4, 5), Units(10, 20, 30, 40, 50)

    assert one + two == Units(11, 22, 33, 44, 55)
    assert two - one == Units(9, 18, 27, 36, 45)
    assert one - two == Units()


def test_figures_survive_being_kept():
    details = {"counts": {"failed": 1, "held_back": 2, "unchanged": 3}, "limits": {"A": {"due": 4, "done": 9}}}
    run = figures_of("partial", 1, 9, 2, timedelta(seconds=5), details)

    kept = figures_of("partial", run.runs, run.units.due, run.units.done, run.duration, run.details())

    assert kept == run
    assert run.units == Units(due=9, done=2, unchanged=3, late=4, held=2)


def test_lateness_of_one_run_is_not_set_off_against_another():
    left, exceeded = figures_of("partial", 1, 5, 1, None, {}), figures_of("succeeded", 1, 1, 5, None, {})
    total = left + exceeded

    assert total.units.late == 4
    assert figures_of("succeeded", 2, 6, 6, None, total.details()).units.late == 4


@pytest.mark.parametrize(("details", "missed"), [({}, 2), ({"missed": 5}, 5)])
def test_a_missed_run_stands_for_one_time_or_for_those_that_it_names(details, missed):
    assert figures_of(Status.MISSED, 2, None, 0, None, details).missed == missed


def test_without_runs_all_figures_are_zero():
    assert Figures() + Figures() == Figures()
    assert Figures().failures == 0
