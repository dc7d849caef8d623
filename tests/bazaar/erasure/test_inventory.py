"""The inventory is complete, and says so where it is not."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.apps import apps
from django.core.checks.registry import registry
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from bazaar.erasure import collect
from bazaar.erasure.actions import DELETE_ROW, KEEP, NULL
from bazaar.erasure.check import check_inventory
from bazaar.erasure.found import by_user
from bazaar.erasure.inventory import Holds, line, nothing, of

SCRATCH = "tests.bazaar.erasure.scratch"
COMPLETE = of(
    "scratch.Diary",
    line("owner secret", Holds.TEXT, by_user("owner"), DELETE_ROW),
    nothing("id"),
) + of("scratch.Diary_readers", line("user diary", Holds.CHOICE, by_user("user"), DELETE_ROW), nothing("id"))


@pytest.fixture
def scratch_app(settings):
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, SCRATCH]


def errors(lines):
    return [(error.id, error.msg) for error in check_inventory(lines=lines)]


def test_every_column_of_every_app_is_classified():
    assert check_inventory() == []


def test_the_check_is_among_those_before_each_run():
    assert check_inventory in [check for check in registry.get_checks() if "maintenance" in check.tags]


def test_a_new_model_is_named_column_by_column(scratch_app):
    found = [error.msg.partition(" is not classified")[0] for error in check_inventory() if error.id == "bazaar.E010"]

    columns = [
        "Diary.id",
        "Diary.owner",
        "Diary.secret",
        "Diary_readers.id",
        "Diary_readers.diary",
        "Diary_readers.user",
    ]
    assert sorted(found) == sorted(f"scratch.{column}" for column in columns)


def test_check_fails_and_names_a_new_column(scratch_app):
    with pytest.raises(SystemCheckError, match=r"scratch\.Diary\.secret is not classified") as failure:
        call_command("check", stdout=StringIO(), stderr=StringIO())

    assert "bazaar.E010" in str(failure.value)
    assert "HINT" in str(failure.value)


def test_a_classified_model_is_fine(scratch_app):
    assert errors([*collect(), *COMPLETE]) == []


@pytest.mark.parametrize("column", ["owner", "user"])
def test_a_foreign_key_to_the_user_needs_more_than_a_word(scratch_app, column):
    careless = [replace(item, delete=KEEP) if column in item.fields else item for item in COMPLETE]

    assert [error for error, _ in errors([*collect(), *careless])] == ["bazaar.E011"]


@pytest.mark.parametrize(("model", "field"), [("bazaar.Nobody", "id"), ("bazaar.User", "nickname"), ("nonsense", "id")])
def test_a_line_about_what_does_not_exist_is_an_error(model, field):
    ((error, message),) = errors([*collect(), *of(model, nothing(field))])

    assert error == "bazaar.E012"
    assert model in message


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (of("bazaar.IdeaUpvote", line("user", Holds.PERSON, by_user("user"), NULL)), "cannot be null"),
        (
            of(
                "bazaar.Upload",
                line("uploaded_by", Holds.PERSON, by_user("uploaded_by"), NULL),
                line("size", Holds.FILE, by_user("uploaded_by"), DELETE_ROW),
            ),
            "is changed in rows that",
        ),
        ([replace(nothing("size"), model="bazaar.Upload", holds=Holds.FILE)], "does not say how the person is found"),
    ],
)
def test_a_line_that_cannot_be_carried_out_is_an_error(lines, complaint):
    found = errors([*collect(), *lines])

    assert {error for error, _ in found} == {"bazaar.E013"}
    assert all(complaint in message for _, message in found)


def test_lines_of_other_apps_come_before_the_users():
    apps_in_order = list(dict.fromkeys(line.model.partition(".")[0] for line in collect()))

    assert apps_in_order.index("maintenance") < apps_in_order.index("bazaar")
    assert collect()[-1].model == "bazaar.User"


# The command


def printed(*arguments):
    output = StringIO()
    call_command("personal_data", *arguments, stdout=output)
    return output.getvalue()


def test_the_inventory_is_printed_in_json_with_every_column():
    rows = json.loads(printed("--json"))

    assert printed("--json") == printed("--format", "json")
    printed_columns = {(row["model"], row["field"]) for row in rows}
    assert printed_columns == {
        (model._meta.label, field.name)
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for field in model._meta.concrete_fields
    }
    assert {"anonymise": "blank", "delete": "delete row"}.items() <= next(
        row for row in rows if row["model"] == "bazaar.User" and row["field"] == "bio" and row["found"] == "the person"
    ).items()


def test_the_inventory_is_printed_as_a_markdown_table():
    head, rule, *rows = printed("--format", "markdown").splitlines()

    assert head == "| model | field | holds | found | anonymise | delete | note |"
    assert set(rule) == set("| -")
    assert {row.count("|") for row in rows} == {8}


def test_the_inventory_is_printed_as_text():
    output = printed()

    assert "\nbazaar.LoginAttempt\n  user " in output
    assert "user is the person, or email is an address of theirs: delete row / delete row" in output
