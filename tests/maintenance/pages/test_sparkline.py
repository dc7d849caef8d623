"""The last runs in one small drawing: as many elements as there are kinds of states, however many runs there are."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.contrib.staticfiles import finders

from maintenance.core.states import Status
from maintenance.models import JobRun
from maintenance.pages.charts import PITCH, SHORTEST
from maintenance.pages.sparkline import HEIGHT, SLOTS, draw

AT = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)


def run_of(seconds=2, status=Status.SUCCEEDED):
    return JobRun(job="a", status=status, started_at=AT, finished_at=AT + timedelta(seconds=seconds))


def positions(runs, css):
    """Return the left edges of the shapes of a class."""
    drawn = ET.fromstring(str(draw(runs)))
    paths = [path.get("d") for path in drawn.iter("path") if css in path.get("class").split()]
    return [float(left) for path in paths for left in re.findall(r"M([\d.]+)", path)]


def test_the_latest_runs_are_on_the_right_after_placeholders():
    assert positions([run_of(), run_of()], "mb-good") == [PITCH * (SLOTS - 2), PITCH * (SLOTS - 1)]
    assert positions([run_of(), run_of()], "mb-none") == [PITCH * place for place in range(SLOTS - 2)]


def test_only_the_last_runs_are_drawn():
    runs = [run_of(status=Status.FAILED), *[run_of() for _ in range(SLOTS)]]

    assert len(positions(runs, "mb-good")) == SLOTS
    assert positions(runs, "mb-bad") == []


def test_a_bar_is_higher_for_a_longer_run():
    lengths = [float(text) for text in re.findall(r"h9v([\d.]+)h-9z", str(draw([run_of(0), run_of(1), run_of(9)])))]

    assert SHORTEST == lengths[0] < lengths[1] < lengths[2]


@pytest.mark.parametrize("status", Status)
def test_every_state_has_its_shape_and_its_word(status):
    drawn = str(draw([run_of(status=status)]))

    assert f"mb-{status.mark.tone}" in drawn
    assert f'aria-label="Last run: 1 {status.label}"' in drawn
    places = positions([run_of(status=status)], f"mb-{status.mark.tone}")
    assert all(PITCH * (SLOTS - 1) <= place <= PITCH * SLOTS for place in places)
    assert places


def test_the_states_are_counted_in_words():
    runs = [*[run_of() for _ in range(3)], run_of(status=Status.FAILED)]

    assert 'aria-label="Last 4 runs: 3 Succeeded, 1 Failed"' in draw(runs)
    assert 'aria-label="No runs"' in draw([])


def test_a_drawing_of_many_runs_is_small():
    runs = [run_of(number, status=Status.FAILED if number % 9 == 0 else Status.SUCCEEDED) for number in range(SLOTS)]

    assert len(str(draw(runs))) < 2_500
    assert f'viewBox="0 0 {SLOTS * PITCH} {HEIGHT}"' in draw(runs)


def test_no_window_is_wide_enough_to_cut_a_drawing_off_above():
    css = finders.find("maintenance/pages.css")
    rule = re.search(r"\.mb-spark \{([^}]+)\}", Path(css).read_text())[1]

    assert f"max-width: calc(1.75rem * {SLOTS * PITCH} / {HEIGHT})" in rule
    assert re.search(r"(?<!-)height: 1\.75rem", rule)
