"""Filters and tags of the pages: what they show of each value, escaped."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from maintenance.core.states import JobState, Level, Status, Trigger
from maintenance.health.check_result import CheckResult
from maintenance.templatetags import maintenance_pages as tags

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize("status", Status)
def test_a_state_has_its_icon_and_its_label(status):
    shown = tags.state(status)

    assert str(status.label) in shown
    assert f"mb-{status.mark.tone}" in shown
    assert str(tags.icon(status)) in shown


@pytest.mark.parametrize("state", JobState)
def test_the_state_of_a_job_has_its_icon_and_its_label(state):
    assert str(state.label) in tags.job_state(state)
    assert state.mark.icon in tags.job_state(state)


@pytest.mark.parametrize("level", Level)
def test_a_level_has_its_icon_and_its_label(level):
    assert str(level.label) in tags.level(level)
    assert str(tags.tone_icon(level.mark.tone)) in tags.level(level)


@pytest.mark.parametrize("trigger", Trigger)
def test_a_trigger_has_its_label(trigger):
    assert tags.trigger(trigger.value) == str(trigger.label)


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (timedelta(0), "0.0 s"), (timedelta(minutes=1), "1 min 0 s")])
def test_a_duration_is_a_dash_where_there_is_none(value, text):
    assert tags.duration(value) == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (0, "0"), (1_234, "1,234")])
def test_a_figure_is_a_dash_where_there_is_none(value, text):
    assert tags.figure(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.25, "0.25 per second"),
        (9.99, "10 per second"),
        (10, "10 per second"),
        (1234.5, "1,234 per second"),
    ],
)
def test_a_rate_has_two_digits_or_no_fraction(value, text):
    assert tags.rate(value) == text


@pytest.mark.parametrize(
    ("sentence", "html"),
    [
        ("Run `manage.py jobs` now.", "Run <code>manage.py jobs</code> now."),
        ("`a` and `b`", "<code>a</code> and <code>b</code>"),
        ("no code", "no code"),
        ("`<b>` & <i>", "<code>&lt;b&gt;</code> &amp; &lt;i&gt;"),
        ("", ""),
    ],
)
def test_code_stands_between_backticks_and_all_is_escaped(sentence, html):
    assert tags.with_code(sentence) == html


def test_the_name_of_a_job_is_a_link():
    shown = tags.with_links(CheckResult.error("x", "The last run of scratch failed: `jobs <b>`.", "", "scratch"))

    assert shown.startswith("The last run of <a href=")
    assert ">scratch</a> failed: <code>jobs &lt;b&gt;</code>." in shown


@pytest.mark.parametrize("text", ["Run 7 of scratch hangs.", "It failed (run 7)."])
def test_the_number_of_a_run_is_a_link(text):
    shown = tags.with_links(CheckResult.error("x", text, "", "scratch", 7))

    assert re.search(r'<a href="[^"]+/7/change/">[Rr]un 7</a>', shown)
    assert "<a" not in tags.with_links(CheckResult.error("x", "It failed (run 71).", "", "", 7))


@pytest.mark.parametrize("job", ["", "other"])
def test_a_sentence_without_its_job_has_no_link(job):
    shown = tags.with_links(CheckResult.error("x", "The queue is stuck: `x`.", "", job))

    assert shown == "The queue is stuck: <code>x</code>."


def test_a_button_posts_to_its_action_with_what_it_sends():
    shown = tags.button("Run <b>", "run", "scratch", kind="main", what="<i>", confirm_count=5, plan=None)

    address = reverse("admin:maintenance_run", args=["scratch"])
    assert f'<button type="submit" form="act" formaction="{address}?confirm_count=5" class="mb-button' in shown
    assert "Run &lt;b&gt;" in shown
    assert "(&lt;i&gt;)" in shown


def test_a_moment_has_its_time_and_its_distance():
    time = '<time datetime="2026-06-01T03:30:00Z">2026-06-01 03:30 UTC</time>'

    assert tags.moment(None) == "–"
    assert tags.moment(NOW - timedelta(hours=1)) == time
    assert tags.moment(NOW - timedelta(hours=1), NOW) == f'{time} <span class="mb-quiet">(1 h ago)</span>'


def test_an_age_has_its_time_in_the_element():
    assert tags.age(NOW + timedelta(days=2), NOW) == '<time datetime="2026-06-03T04:30:00Z">in 2 d</time>'
