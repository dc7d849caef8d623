"""Assumed values of age limits: refused as the settings themselves would be."""

import pytest

from maintenance.core import registry
from maintenance.core.errors import InvalidAssumption
from maintenance.core.retention import LONGEST
from maintenance.engine.preflight import faults_of_settings
from maintenance.reporting.assumptions import assumed_values

pytestmark = pytest.mark.django_db

NAME = "RUN_HISTORY_RETENTION_DAYS"


@pytest.mark.parametrize("value", ["0", "-1", "soon", "1.5", "36526", "1e3", "\u0661", "9" * 40])
@pytest.mark.parametrize("name", registry.age_limits())
def test_a_value_is_refused_with_the_sentence_of_the_setting(name, value, settings):
    with pytest.raises(InvalidAssumption) as refused:
        assumed_values([(name, value)])

    setattr(settings, name, value)
    assert str(refused.value) == " ".join(faults_of_settings())
    assert name in str(refused.value)


@pytest.mark.parametrize("name", registry.age_limits())
def test_the_largest_value_is_taken(name):
    if name != "AUDIT_LOG_ANONYMIZE_YEARS":
        most = str(LONGEST[registry.age_limits()[name].unit])
        assert assumed_values([(name, most)]) == {name: most}


def test_limits_that_do_not_fit_together_are_refused():
    with pytest.raises(InvalidAssumption, match=r"AUDIT_LOG_ANONYMIZE_YEARS .* is not below AUDIT_LOG_DELETE_YEARS"):
        assumed_values([("AUDIT_LOG_ANONYMIZE_YEARS", "3")])
    both = {"AUDIT_LOG_ANONYMIZE_YEARS": "3", "AUDIT_LOG_DELETE_YEARS": "4"}
    assert assumed_values(both.items()) == both


def test_a_blank_value_is_the_default():
    assert assumed_values([(NAME, " ")]) == {NAME: " "}


@pytest.mark.parametrize("values", [("30", "30"), ("30", "40")])
def test_a_setting_that_is_named_twice_is_refused(values):
    with pytest.raises(InvalidAssumption, match=f"{NAME} is named twice"):
        assumed_values([(NAME, value) for value in values])


@pytest.mark.parametrize(
    "name", ["BACKUP_RETENTION_DAYS", "DELETION_GRACE_DAYS", "SECRET_KEY", "MAINTENANCE_TIME_BUDGET"]
)
def test_another_setting_is_no_age_limit(name):
    with pytest.raises(InvalidAssumption, match=f"The setting {name} is no age limit"):
        assumed_values([(name, "60")])


@pytest.mark.parametrize("name", ["RUN_HISTORY_RETENTION_DAY", "run_history_retention_days"])
def test_an_unknown_setting_is_refused_with_the_likely_one(name):
    with pytest.raises(InvalidAssumption, match=rf"There is no setting {name} .*did you mean {NAME}\?"):
        assumed_values([(name, "60")])
    with pytest.raises(InvalidAssumption, match=r"There is no setting X .*name an age limit"):
        assumed_values([("X", "60")])


def test_a_fault_that_is_there_already_is_not_that_of_the_assumption(settings):
    settings.QUEUE_FAILURE_RETENTION_DAYS = 0

    assert assumed_values([(NAME, "60")]) == {NAME: "60"}
