"""The definition of a job as its page shows it."""

from datetime import UTC, datetime, timedelta

import pytest

from maintenance.api import Outcome, RowStage
from maintenance.core import registry
from maintenance.pages.definition import Limit, definition_of
from tests.engine_app.models import Item

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)


def test_a_definition_has_all_of_the_class(scratch_job, settings):
    settings.MAINTENANCE_TIME_BUDGET = 77
    scratch_job(about="More of it.", irreversible=False)

    shown = definition_of("scratch", NOW)

    assert shown.text == "Delete items as the test says.\n\nMore of it."
    assert shown.models == [f"{Item._meta.verbose_name_plural} (engine_app.Item)"]
    assert shown.limits == [Limit("SCRATCH_RETENTION_DAYS", "90 days", NOW - timedelta(days=90))]
    assert (shown.command, shown.is_irreversible, shown.excludes, shown.budget) == ("scratch", False, [], 77)


def test_a_text_without_more_has_no_blank_lines(scratch_job):
    scratch_job()

    assert definition_of("scratch", NOW).text == "Delete items as the test says."


def test_a_model_of_two_stages_is_named_once(scratch_job):
    stages = [RowStage(Item.objects.all(), Outcome), RowStage(Item.objects.filter(pk=1), Outcome)]
    scratch_job(stages=lambda _job, _now: stages)

    assert len(definition_of("scratch", NOW).models) == 1


def test_jobs_exclude_each_other_whichever_says_so(scratch_job):
    other = registry.names()[0]
    scratch_job(excludes=(other, "that-is-gone"))

    assert definition_of("scratch", NOW).excludes == sorted([other, "that-is-gone"])
    assert "scratch" in definition_of(other, NOW).excludes


def test_an_invalid_limit_hides_models_and_cutoff_and_nothing_else(scratch_job, settings):
    scratch_job()
    settings.SCRATCH_RETENTION_DAYS = 0

    shown = definition_of("scratch", NOW)

    assert shown.models == []
    [limit] = shown.limits
    assert (limit.setting, limit.cutoff) == ("SCRATCH_RETENTION_DAYS", None)
    assert "SCRATCH_RETENTION_DAYS" in limit.words
    assert shown.command == "scratch"


def test_a_job_that_cannot_be_loaded_has_no_definition():
    assert definition_of("nope", NOW) is None


@pytest.mark.django_db
@pytest.mark.parametrize("name", registry.names())
def test_every_job_has_a_definition(name):
    shown = definition_of(name, NOW)

    assert shown.text
    assert bool(shown.models) == bool(registry.get(name).stages(NOW))
    assert all(limit.cutoff for limit in shown.limits)
