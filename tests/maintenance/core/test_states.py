"""The one table of states, triggers and results of health checks, and that the rest reads it."""

import json

import pytest
from django.core.management import call_command

from maintenance.core.states import FAILURES, FINISHED, STOPPED, UNFINISHED, JobState, Level, Status, Trigger
from maintenance.engine.results import EXIT_STATUS
from maintenance.models import JobRun
from maintenance.pages.history import HistoryFilter
from maintenance.total_models import DailyTotal, RunTotal

LONGEST_STORED = JobRun._meta.get_field("status").max_length


def test_every_state_is_finished_or_not():
    assert {*FINISHED, *UNFINISHED} == set(Status)
    assert not {*FAILURES, *STOPPED} & set(UNFINISHED)
    assert not set(FAILURES) & set(STOPPED)


def test_only_success_has_the_exit_status_of_success():
    assert [status for status, code in EXIT_STATUS.items() if code == 0] == [Status.SUCCEEDED]
    assert {EXIT_STATUS[status] for status in FAILURES} == {1}


@pytest.mark.parametrize("table", [Status, Trigger, Level, JobState])
def test_values_are_kept_and_labels_are_different_words(table):
    assert all(member.value.replace("_", "").isalpha() and member.value.islower() for member in table)
    labels = [str(member.label) for member in table]
    assert len(set(labels)) == len(labels)
    assert all(label[0].isupper() and not label.endswith(".") for label in labels)


def test_models_and_filters_offer_what_the_table_has():
    form = HistoryFilter({})

    for model in (JobRun, RunTotal, DailyTotal):
        assert model._meta.get_field("status").choices == Status.choices
    assert JobRun._meta.get_field("trigger").choices == Trigger.choices
    assert form.fields["state"].choices[1:] == Status.choices
    assert form.fields["trigger"].choices[1:] == Trigger.choices
    assert max(map(len, Status.values)) <= LONGEST_STORED


@pytest.mark.django_db
@pytest.mark.parametrize("is_json", [True, False])
def test_a_command_out_of_time_tells_it_by_its_exit_status(tokens, settings, capsys, is_json):
    tokens(3)
    settings.MAINTENANCE_TIME_BUDGET = 1e-9

    with pytest.raises(SystemExit) as ended:
        call_command("cleanup_push_tokens", *["--json"] * is_json)

    out, err = capsys.readouterr()
    assert ended.value.code == 124
    if is_json:
        result = json.loads(out)
        assert (result["status"], result["success"], result["details"]["backlog"]) == ("out_of_time", False, 3)
    else:
        assert "Out of time: 3 remaining." in err
