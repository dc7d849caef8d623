"""Environment variables that are probably misspelt, and others that are none of our business."""

import pytest

from maintenance.core.variables import OF_OTHERS, misspelt

KNOWN = {"MAINTENANCE_BATCH_SECONDS", "MAINTENANCE_TIME_BUDGET", "Q_WORKERS", "PUSH_TOKEN_RETENTION_DAYS", "DEBUG"}


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        ("MAINTENANCE_BATCH_SECOND", "MAINTENANCE_BATCH_SECONDS"),
        ("maintenance_time_budget", "MAINTENANCE_TIME_BUDGET"),
        ("MAINTENANCE_TIMEBUDGET", "MAINTENANCE_TIME_BUDGET"),
        ("Q_WORKER", "Q_WORKERS"),
        ("PUSH_TOKENS_RETENTION", "PUSH_TOKEN_RETENTION_DAYS"),
        ("DEBUGG", "DEBUG"),
        ("DJANGO_SETTINGS_MODUL", "DJANGO_SETTINGS_MODULE"),
    ],
)
def test_a_name_that_resembles_a_known_one_is_told_with_it(name, likely):
    assert misspelt([name], KNOWN) == {name: likely}


@pytest.mark.parametrize("name", ["PATH", "HOME", "LC_ALL", "PYTHONPATH", "PGPASSWORD", "BUG", ""])
def test_a_name_of_others_is_not_told(name):
    assert misspelt([name], KNOWN) == {}


def test_known_names_are_not_told():
    assert misspelt([*KNOWN, *OF_OTHERS], KNOWN) == {}


@pytest.mark.parametrize("name", ["MAINTENANCE_\n", "MAINTENANCE_\u00e4", "Q_ WORKERS", "BASH_FUNC_which%%"])
def test_a_name_that_no_setting_can_have_is_not_told(name):
    assert misspelt([name], KNOWN) == {}


def test_names_are_told_once_and_in_order():
    assert list(misspelt(["Q_WORKER", "DEBUGG", "Q_WORKER"], KNOWN)) == ["DEBUGG", "Q_WORKER"]
