"""The next 24 hours: which jobs, at which times, and where they are drawn."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st

from maintenance.core import cron
from maintenance.pages import timeline
from maintenance.pages.timeline import SPAN, draw, upcoming
from maintenance.reporting.status import JobStatus

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def job(name="a", schedule="0 6 * * *", next_run=NOW + timedelta(hours=1, minutes=30)):
    return JobStatus(name, "", schedule, f"Sentence of {name}", True, False, None, next_run, None)


def test_the_next_job_is_the_first():
    rows = upcoming([job("late", "0 9 * * *", NOW.replace(hour=9)), job("soon")], NOW)

    assert [row.job for row in rows] == ["soon", "late"]
    assert rows[0].times == [NOW.replace(hour=6, minute=0)]
    assert rows[0].sentence == "Sentence of soon"


@pytest.mark.parametrize(("next_run", "is_shown"), [(None, False), (NOW + SPAN, True), (NOW + SPAN + MOMENT, False)])
def test_a_job_is_shown_where_it_runs_within_a_day(next_run, is_shown):
    assert bool(upcoming([job(next_run=next_run)], NOW)) is is_shown


def test_an_overdue_job_starts_now_and_goes_on():
    [row] = upcoming([job(next_run=NOW - timedelta(days=3))], NOW)

    assert row.times == [NOW, NOW.replace(hour=6, minute=0)]


def test_a_time_at_the_end_of_the_day_is_the_last():
    [row] = upcoming([job(schedule="30 */12 * * *", next_run=NOW + timedelta(hours=12))], NOW)

    assert row.times[-1] <= NOW + SPAN


@pytest.mark.parametrize(
    ("schedule", "number", "more"),
    [("*/10 * * * *", 96, True), ("*/15 * * * *", 96, False), ("*/20 * * * *", 72, False)],
)
def test_many_times_are_cut_off(schedule, number, more):
    [first] = cron.next_times(schedule, NOW, 1)

    [row] = upcoming([job(schedule=schedule, next_run=first)], NOW)

    assert (len(row.times), row.more) == (number, more)


def parsed(rows, now=NOW):
    return ET.fromstring(str(draw(rows, now)))


def test_each_time_has_a_mark_with_its_words():
    svg = parsed(upcoming([job(schedule="0 6,18 * * *")], NOW))

    assert [title.text for title in svg.iter("title")][1:] == ["a, 06:00 UTC", "a, 18:00 UTC"]
    assert [mark.get("cx") for mark in svg.iter("circle")] == ["6.25%", "56.25%"]


def test_a_job_with_too_many_times_is_a_bar():
    svg = parsed(upcoming([job(schedule="* * * * *", next_run=NOW + timedelta(hours=6))], NOW))

    assert list(svg.iter("circle")) == []
    assert [bar.get("x") for bar in svg.iter("rect")] == ["25.0%"]


def test_without_jobs_the_grid_alone_is_drawn():
    svg = parsed([])

    assert [text.text for text in svg.iter("text")] == ["now", "12:00", "18:00", "00:00"]
    assert svg.get("height") == str(timeline.TOP)


@given(st.integers(0, 24 * 60 - 1))
def test_the_grid_has_a_line_every_six_hours_and_no_label_at_an_edge(minute):
    now = NOW.replace(hour=0, minute=0) + timedelta(minutes=minute)
    svg = parsed([], now)

    lines = [float(line.get("x1").rstrip("%")) for line in svg.iter("line")]
    labels = [float(text.get("x").rstrip("%")) for text in svg.iter("text")][1:]
    assert len(lines) == (3 if minute % 360 == 0 else 4)
    assert all(0 < share < 100 for share in lines)
    assert all(timeline.CLEAR_OF_EDGE < share < 100 - timeline.CLEAR_OF_EDGE for share in labels)
    assert set(labels) <= set(lines)


def test_names_are_escaped():
    svg = draw(upcoming([job("<b>")], NOW), NOW)

    assert "<b>" not in svg
