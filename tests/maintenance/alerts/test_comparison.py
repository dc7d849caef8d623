import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st

from maintenance import health
from maintenance.alert_models import AlertDelivery, AlertKind, AlertStatus, Trouble
from maintenance.alerts import comparison
from maintenance.core import channels
from maintenance.health import snapshot
from maintenance.health.check_result import CheckResult
from maintenance.models import HealthSnapshot, JobRun
from tests.maintenance.alerts.conftest import error

pytestmark = pytest.mark.django_db
MORE = 0.5
"""Minutes between two comparisons."""
WARNING = CheckResult.warning("paused", "All jobs are paused.", "Resume them.")
OK = CheckResult.ok("queue", "No task is queued.")


def test_an_error_is_told_once_after_it_has_lasted(story):
    assert story.report(0, error()) == []
    assert story.report(4.9, error()) == []
    assert story.report(5, error()) == [("trouble", "1 error")]
    assert story.report(5.5, error()) == []
    assert story.report(600, error()) == []


CODE = re.compile(r"[a-z]+(-[a-z]+)+")
"""A code of the health checks; those of one word are of results that are OK."""


def error_codes():
    """Return the codes of all errors of the health checks, as their source has them; some of them are of warnings."""
    codes = set()
    for path in Path(health.__path__[0]).glob("*.py"):
        texts = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
        codes |= {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}
    return sorted(codes)


def test_the_codes_of_errors_are_found():
    assert {"no-cluster", "job-failed", "database-down", "clock-skew", "not-examined"} <= set(error_codes())
    assert len(error_codes()) > 15


@pytest.mark.parametrize("code", error_codes())
def test_each_error_of_the_health_checks_is_told_once_and_so_is_its_end(story, code):
    written = [message for half in range(40) for message in story.report(half / 2, error(code))]
    assert written == [("trouble", "1 error")]

    written = [message for half in range(40, 60) for message in story.report(half / 2, OK)]
    assert written == [("recovery", "healthy again, 1 error resolved")]
    assert story.known() == []


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(error_codes()), st.integers(0, 30), st.integers(1, 60)), max_size=6, unique=True)
)
def test_however_errors_come_and_go_each_is_told_and_ended_as_often(story, stays):
    """Each stay is a code, and the half minutes at which the error begins and for which it lasts."""
    AlertDelivery.objects.all().delete()
    Trouble.objects.all().delete()
    story.forget()
    told, ended = 0, 0
    for half in range(110):
        present = {code for code, begin, length in stays if begin <= half < begin + length}
        for kind, title in story.report(half / 2, *(error(code) for code in sorted(present)), OK):
            number = int(re.search(r"(\d+) error", title)[1])
            told, ended = (told + number, ended) if kind == "trouble" else (told, ended + number)

    assert told == ended
    assert told <= len(stays)
    assert story.known() == []


def test_an_error_that_does_not_last_is_told_to_nobody(story):
    assert story.report(0, error()) == []
    assert story.report(4, OK) == []
    assert story.report(6, OK) == []
    assert story.known() == []
    assert story.report(7, error()) == []
    assert story.report(11, error()) == []


def test_a_failed_run_is_told_at_once(story):
    assert story.report(0, error("job-failed", "scratch")) == []
    assert story.report(MORE, error("job-failed", "scratch")) == [("trouble", "1 error")]


def test_a_failed_run_that_is_made_good_at_once_is_told_to_nobody(story):
    assert story.report(0, error("job-failed", "scratch")) == []
    assert story.report(MORE, OK) == []
    assert story.report(2, OK) == []
    assert story.known() == []


def test_what_appears_together_is_one_message(story):
    story.report(0, error("job-failed", "one"))
    assert story.report(MORE, error("job-failed", "one"), error("job-failed", "two")) == [("trouble", "2 errors")]

    story.report(10, error("job-failed", "one"), error("job-failed", "two"), error("queue-stuck"))
    both = [error("job-failed", "one"), error("job-failed", "two"), error("queue-stuck"), error("task-waits")]
    assert story.report(12, *both) == []
    assert story.report(15, *both) == [("trouble", "2 errors")]
    assert "Told before" in AlertDelivery.objects.first().text


def test_recovery_is_told_once_after_it_has_lasted(story):
    story.report(0, error())
    assert story.report(5, error()) == [("trouble", "1 error")]
    assert story.report(6, OK) == []
    assert story.report(7, OK) == [("recovery", "healthy again, 1 error resolved")]
    assert story.report(8, OK) == []
    assert story.known() == []


def test_an_error_that_returns_at_once_was_not_gone(story):
    story.report(0, error())
    assert story.report(5, error()) == [("trouble", "1 error")]
    assert story.report(5.5, OK) == []
    assert story.report(6, error()) == []
    assert story.report(7, error()) == []


def test_what_goes_together_is_one_message(story):
    three = [error("job-failed", name) for name in ("one", "two", "three")]
    story.report(0, *three)
    story.report(MORE, *three)
    assert story.report(2, *three[1:]) == []
    assert story.report(2.5, three[2]) == []
    assert story.report(3, three[2]) == [("recovery", "2 errors resolved, 1 remaining")]
    assert story.report(9, OK) == []
    assert story.report(10, OK) == [("recovery", "healthy again, 1 error resolved")]


def test_what_lasts_is_told_again_each_day(story):
    story.report(0, error())
    story.report(5, error())
    days = [story.report(5 + 60 * hours, error()) for hours in range(1, 73)]
    assert [hour for hour, written in enumerate(days, 1) if written] == [24, 48, 72]
    assert days[23] == [("reminder", "still 1 error")]


def test_a_new_number_in_a_sentence_is_the_same_error(story):
    story.report(0, error("job-failed", "scratch", sentence="The last run failed (run 1)."))
    story.report(MORE, error("job-failed", "scratch", sentence="The last run failed (run 1)."))
    assert story.report(60, error("job-failed", "scratch", sentence="The last run failed (run 2).")) == []
    assert Trouble.objects.get().sentence == "The last run failed (run 2)."


def test_errors_with_the_same_code_are_told_apart(story):
    one, two = error("schedule-broken", subject="1"), error("schedule-broken", subject="2")
    story.report(0, one)
    assert story.report(5, one) == [("trouble", "1 error")]
    story.report(6, one, two)
    assert story.report(11, one, two) == [("trouble", "1 error")]


def test_nothing_is_resolved_while_a_check_fails(story):
    story.report(0, error())
    story.report(5, error())
    failing = error("not-examined", subject="the queue")
    assert story.report(6, failing) == []
    assert story.report(8, failing) == []
    assert story.report(9, error()) == []
    assert story.report(20, OK) == []
    assert story.report(21, OK) == [("recovery", "healthy again, 1 error resolved")]


def test_warnings_are_told_to_nobody(story):
    assert [story.report(minutes, WARNING, OK) for minutes in range(0, 60, 5)] == [[]] * 12


def test_each_channel_gets_the_message_and_only_one_that_was_told_gets_the_recovery(story, settings):
    settings.ALERT_URLS = ["json://one.example.org", "json://two.example.org"]
    one, two = (channel.name for channel in channels.configured())
    story.report(0, error())
    assert [row[2] for row in story.report(5, error())] == [one, two]
    AlertDelivery.objects.filter(channel=one).update(status=AlertStatus.SENT)
    AlertDelivery.objects.filter(channel=two).update(status=AlertStatus.GIVEN_UP)

    settings.ALERT_URLS = [*settings.ALERT_URLS, "json://three.example.org"]
    story.report(6, OK)
    assert [(row[0], row[2]) for row in story.report(7, OK)] == [("recovery", one)]


def test_an_error_that_is_over_before_it_was_told_needs_no_message(story):
    story.is_sent = False
    story.report(0, error())
    story.report(5, error())
    queued = AlertDelivery.objects.get()
    assert queued.status == AlertStatus.QUEUED
    story.report(6, OK)
    assert story.report(7, OK) == []
    queued.refresh_from_db()
    assert queued.status == AlertStatus.OBSOLETE


def test_no_message_is_written_twice_when_several_clusters_compare(story, monkeypatch):
    HealthSnapshot.objects.create(checked_at=timezone.now())
    reports = []
    monkeypatch.setattr(comparison, "page_report", lambda _context: reports.append(1) or _report(error()))
    for _ in range(3):
        comparison.keep()
    assert len(reports) == 1
    assert Trouble.objects.count() == 1


def test_a_cluster_that_comes_second_writes_nothing(story, monkeypatch):
    HealthSnapshot.objects.create(checked_at=timezone.now())

    def overtaken(_context):
        HealthSnapshot.objects.update(compared_at=timezone.now())
        return _report(error())

    monkeypatch.setattr(comparison, "page_report", overtaken)
    comparison.keep()
    assert not Trouble.objects.exists()


def _report(*results):
    return snapshot.PageReport(results, timezone.now(), 0.0)


def test_without_a_channel_nothing_is_asked(settings, django_assert_num_queries):
    settings.ALERT_URLS = []
    with django_assert_num_queries(0):
        comparison.keep()


def test_the_errors_are_those_of_the_pages(story, settings):
    settings.ALERT_AFTER = 0
    snapshot.keep()
    now = timezone.now()
    JobRun.objects.create(
        job="cleanup-push-tokens", trigger="command", status="failed", started_at=now, finished_at=now, message="No."
    )
    HealthSnapshot.objects.update(compared_at=None)
    comparison.keep()
    assert "job-failed" in story.known()
    assert AlertDelivery.objects.get().kind == AlertKind.TROUBLE
    assert "The last run of cleanup-push-tokens failed" in AlertDelivery.objects.get().text


def test_a_clock_that_was_put_back_stops_no_comparison(story):
    HealthSnapshot.objects.create(checked_at=timezone.now(), compared_at=timezone.now() + timedelta(hours=3))
    comparison.keep()
    assert HealthSnapshot.objects.get().compared_at < timezone.now() + timedelta(minutes=1)
