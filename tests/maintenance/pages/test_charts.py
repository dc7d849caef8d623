"""The row of bars: as high as its values, a shape for each state, and no word that is not escaped."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st

from maintenance.core.states import Status
from maintenance.models import JobRun
from maintenance.pages import charts
from maintenance.pages.charts import Chart, draw, shape

AT = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)


def run_of(pk, seconds=2, status=Status.SUCCEEDED, **fields):
    times = {"queued_at": AT, "started_at": AT, "finished_at": AT + timedelta(seconds=seconds)}
    return JobRun(pk=pk, job="a", status=status, **{**times, **fields})


def chart(**values):
    usual = {"id": "x", "title": "Title", "description": "Text", "value": lambda run: run.duration.total_seconds()}
    return Chart(**{**usual, "slots": 4, "height": 44, **values})


def parsed(svg):
    return ET.fromstring(str(svg))


def heights(svg):
    return [
        float(text) for text in re.findall(r'<path class="mb-fill[^"]*" d="M0 [\d.]+h9v([\d.]+)h-9z"/></a>', str(svg))
    ]


def placeholders(svg):
    return sum(path.get("d").count("M") for path in svg.iter("path") if path.get("class") == "mb-none")


def test_runs_stand_at_the_right_with_placeholders_before_them():
    svg = parsed(draw(chart(), [run_of(7), run_of(8)]))

    assert [link.get("href").split("/")[-3] for link in svg.iter("a")] == ["7", "8"]
    assert [link.get("transform") for link in svg.iter("a")] == ["translate(24 0)", "translate(36 0)"]
    assert placeholders(svg) == 2


def test_only_the_last_runs_are_drawn():
    svg = parsed(draw(chart(slots=3), [run_of(number) for number in range(1, 10)]))

    assert [link.get("href").split("/")[-3] for link in svg.iter("a")] == ["7", "8", "9"]


def test_without_runs_there_are_placeholders():
    svg = draw(chart(), [])

    assert placeholders(parsed(svg)) == 4
    assert list(parsed(svg).iter("a")) == []


def test_a_bar_is_higher_for_a_larger_value_and_a_small_one_is_seen():
    first, second, third = heights(draw(chart(), [run_of(1, 0), run_of(2, 1), run_of(3, 10_000)]))

    assert charts.SHORTEST == first < second < third
    assert third == 44 - charts.MARK


def test_values_of_zero_are_all_shortest():
    assert heights(draw(chart(), [run_of(1, 0), run_of(2, 0)])) == [charts.SHORTEST] * 2


@pytest.mark.parametrize("status", Status)
def test_every_state_has_a_shape_that_no_other_has(status):
    own = str(shape(status, 20, 44))

    assert "<path" in own
    assert f"mb-{status.mark.tone}" in own
    assert own not in {str(shape(other, 20, 44)) for other in Status if other != status}


@given(st.sampled_from(list(Status)), st.floats(charts.SHORTEST, 34))
def test_a_shape_stays_in_its_drawing(status, length):
    numbers = re.findall(r"M[\d.]+ (-?[\d.]+)", str(shape(status, length, 44)))

    assert numbers
    assert all(0 <= float(number) <= 44 for number in numbers)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"items_done": 1_000, "items_due": 1_000}, "1,000 items, 2.0 s"),
        ({"items_done": 3, "items_due": 1_000}, "3 items, 2.0 s"),  # the others were no longer due
        ({"items_done": 3, "items_due": 1_000, "status": Status.FAILED}, "3 of 1,000 items, 2.0 s"),
        ({"items_done": 0, "items_due": None, "finished_at": None}, "0 items, –"),
    ],
)
def test_a_bar_is_described_in_words(fields, words):
    [link] = parsed(draw(chart(value=lambda _run: 1), [run_of(7, **fields)])).iter("a")

    state = fields.get("status", Status.SUCCEEDED).label
    assert next(link.iter("title")).text == f"Run 7: {state}, 2026-06-01 04:30 UTC, {words}"


@pytest.mark.parametrize("number", [1, 2, 9])
def test_the_keyboard_stops_once_at_the_latest_run(number):
    links = list(parsed(draw(chart(), [run_of(pk) for pk in range(1, number + 1)])).iter("a"))

    assert [link.get("tabindex") for link in links] == ["-1"] * (len(links) - 1) + [None]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=4), st.floats(0.1, 10**7))
def test_a_line_crosses_the_bars_at_its_value_or_is_left_out(values, value):
    svg = parsed(draw(chart(), [run_of(n, seconds) for n, seconds in enumerate(values, 1)], {"mb-median": value}))

    tops = [float(p.get("d").split("h")[0][3:]) for p in svg.iter("path") if p.get("class") == "mb-median"]
    assert len(tops) == (value <= max(values) * charts.MOST_ABOVE)
    bars = [44 - height for height in heights(ET.tostring(svg, encoding="unicode").replace("ns0:", ""))]
    for top in tops:
        assert 0 <= charts.MARK - 0.05 <= top <= 44 - charts.SHORTEST
        for bar, seconds in zip(bars, values, strict=len(bars) == len(values)):
            assert (top <= bar + 0.1) if seconds <= value else (top >= bar - 0.1)


def test_title_and_description_are_escaped():
    svg = draw(chart(title="<b>&", description="</svg>"), [])

    assert "<b>" not in svg
    assert [each.text for each in parsed(svg) if each.tag in {"title", "desc"}] == ["<b>&", "</svg>"]
