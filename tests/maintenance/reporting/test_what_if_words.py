"""The sentences about a changed limit."""

from datetime import timedelta

import pytest

from maintenance.reporting.what_if import JobOutlook, Outlook, PastRun
from maintenance.reporting.what_if_words import sentences_of

SECOND = timedelta(seconds=1)


def job(assumed, *, guard=None, runs=()):
    return JobOutlook("cleanup-push-tokens", ["X_DAYS"], guard, Outlook(0, False, None), assumed, [], list(runs))


@pytest.mark.parametrize(
    ("outlook", "guard", "words"),
    [
        (Outlook(3, False, None), None, "The volume guard would not stop a run."),
        (Outlook(3, False, None), 1_000, "it stops one with more than 1,000 due."),
        (
            Outlook(1_001, True, None),
            1_000,
            "because more than 1,000 are due (`manage.py cleanup_push_tokens --confirm-count 1001` confirms).",
        ),
        (Outlook(3, True, None), 1_000, "because more than one in 10 of all files are due."),
        (Outlook(3, True, None), None, "because more than one in 10 of all files are due."),
    ],
)
def test_the_volume_guard_is_told_with_its_number(outlook, guard, words):
    assert sentences_of(job(outlook, guard=guard))[1].endswith(words)


@pytest.mark.parametrize(
    ("outlook", "words"),
    [
        (Outlook(0, False, (SECOND, SECOND)), "A run would have nothing to do."),
        (Outlook(1, False, None), "The duration of a run is unknown: too few runs have processed items."),
        (Outlook(1, False, (SECOND, SECOND)), "A run would take 1.0 s by the rates of past runs."),
        (Outlook(1, False, (SECOND, 90 * SECOND)), "A run would take 1.0 s to 1 min 30 s by the rates of past runs."),
    ],
)
def test_the_duration_is_told(outlook, words):
    assert sentences_of(job(outlook))[2] == words


def test_a_run_that_uses_up_its_budget_is_told(settings):
    settings.MAINTENANCE_TIME_BUDGET = 60.0

    words = sentences_of(job(Outlook(1, False, (SECOND, 90 * SECOND))))[2]

    assert words.endswith(" It ends after 1 min 0 s; the next runs process the rest.")


def test_due_now_and_the_last_runs_are_told():
    runs = [PastRun(number, None, "succeeded", number * 1_000, 1) for number in (1, 2)]

    told = sentences_of(job(Outlook(1_234, False, None), runs=runs))

    assert told[0] == "Due now: 0 with the present values, 1,234 with the assumed ones."
    assert told[3] == "The last 2 runs: 1,000 to 2,000 due, 2 done together."
    assert sentences_of(job(Outlook(0, False, None), runs=runs[:1]))[3] == "The last run: 1,000 due, 1 done."
    assert sentences_of(job(Outlook(0, False, None)))[3] == "No run has counted what was due."


def test_what_could_not_be_counted_is_told():
    assert sentences_of(job(None)) == ["Count unavailable: it took too long."]
