"""The inventory is complete, and says so where it is not."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.apps import apps
from django.core.checks.registry import registry
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db.models import Q
from django.utils import timezone

from bazaar.access.record import COLUMNS
from bazaar.erasure import collect
from bazaar.erasure.actions import DELETE_ROW, KEEP, NULL, REDACT
from bazaar.erasure.check import check_inventory
from bazaar.erasure.identity import Identity
from bazaar.erasure.inventory import DataCategory, model_policy, not_personal, personal, steps
from bazaar.erasure.project_selectors import of_a_project_that_goes
from bazaar.erasure.proposals import proposal
from bazaar.erasure.resource_selectors import by_resource
from bazaar.erasure.scope import Mode, Scope
from bazaar.erasure.selectors import ById, by_email, by_user, everywhere, of_their
from maintenance.core.registry import all_jobs

SCRATCH = "tests.bazaar.erasure.scratch"
COMPLETE = model_policy(
    "scratch.Diary",
    personal("owner secret", DataCategory.TEXT, by_user("owner"), DELETE_ROW),
    not_personal("id"),
    because="it is a test",
) + model_policy(
    "scratch.Diary_readers",
    personal("user diary", DataCategory.CHOICE, by_user("user"), DELETE_ROW),
    not_personal("id"),
    limits="DIARY_RETENTION_DAYS",
)


@pytest.fixture
def scratch_app(settings):
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, SCRATCH]


def errors(lines):
    return [(error.id, error.msg) for error in check_inventory(policies=lines)]


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
    ((error, message),) = errors([*collect(), *model_policy(model, not_personal(field))])

    assert error == "bazaar.E012"
    assert model in message


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (
            model_policy("bazaar.IdeaUpvote", personal("user", DataCategory.PERSON, by_user("user"), NULL)),
            "cannot be null",
        ),
        (
            model_policy(
                "bazaar.Upload",
                personal("uploaded_by", DataCategory.PERSON, by_user("uploaded_by"), NULL),
                personal("size", DataCategory.FILE, by_user("uploaded_by"), DELETE_ROW),
            ),
            "is changed in rows that",
        ),
        (
            [replace(not_personal("size"), model="bazaar.Upload", category=DataCategory.FILE)],
            "does not say how the person is found",
        ),
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
    head, rule, *rows = printed("--format", "markdown").partition("\n\n")[0].splitlines()

    assert head == f"| {' | '.join(COLUMNS)} |"
    assert set(rule) == set("| -")
    assert {row.count("|") for row in rows} == {len(COLUMNS) + 1}


def test_the_inventory_is_printed_as_text():
    output = printed()

    _, _, attempts = output.partition("\nbazaar.LoginAttempt (")
    assert "\n  user " in attempts.partition("\nbazaar.")[0]
    assert "user is the person, or email is an address of theirs: delete row / delete row" in output


# Selectors are values


def steps_of(*selectors):
    policies = [personal("title", DataCategory.TEXT, selector, REDACT) for selector in selectors]
    return steps(model_policy("bazaar.Notification", *policies))


def test_searches_with_and_without_a_time_are_two_steps():
    pair = (everywhere(), everywhere("created_at"))

    assert pair[0].text == pair[1].text
    assert [step.selector for step in steps_of(*pair)] == [*pair]


@pytest.mark.parametrize(
    "make",
    [
        lambda: everywhere("created_at"),
        lambda: by_user("user"),
        lambda: by_user("user") | by_email("email"),
        lambda: of_a_project_that_goes("project"),
        lambda: of_their("Idea", "creator", "idea"),
    ],
)
def test_equal_selectors_that_stand_together_are_one_step(make):
    assert make() is not make()
    assert len(steps_of(make(), make())) == 1


def test_selectors_with_other_parameters_are_not_equal():
    assert by_user("user") != by_user("actor")
    assert by_resource("a", "b", ("user",)) != by_resource("a", "b", ("User",))
    assert of_a_project_that_goes("pk") != of_a_project_that_goes("project")


# How long it is kept


def test_a_personal_model_with_neither_limit_nor_reason_is_an_error(scratch_app):
    careless = [replace(item, limits=(), because="") for item in COMPLETE]

    found = errors([*collect(), *careless])

    assert [error for error, _ in found] == ["bazaar.E014", "bazaar.E014"]
    assert {message.split()[0] for _, message in found} == {"scratch.Diary", "scratch.Diary_readers"}


def test_a_text_that_is_called_not_personal_needs_a_note(scratch_app):
    def with_secret(policy):
        rest = [item for item in COMPLETE if "secret" not in item.fields]
        owner = personal("owner", DataCategory.PERSON, by_user("owner"), DELETE_ROW)
        return [*collect(), *rest, *model_policy("scratch.Diary", owner, policy, because="it is a test")]

    assert [error for error, _ in errors(with_secret(not_personal("secret")))] == ["bazaar.E015"]
    assert errors(with_secret(not_personal("secret", "a number, as text"))) == []


def test_every_limit_that_the_inventory_names_is_one_of_a_job():
    named = {limit for policy in collect() for limit in policy.limits}

    assert named <= {limit.setting for job in all_jobs() for limit in job.retentions}


def test_the_check_proposes_a_policy_for_each_field(scratch_app):
    hints = {
        error.msg.partition(" is not classified")[0]: error.hint.partition("Proposed: ")[2]
        for error in check_inventory()
        if error.id == "bazaar.E010"
    }

    assert hints["scratch.Diary.owner"] == 'personal("owner", DataCategory.PERSON, by_user("owner"), DELETE_ROW)'
    assert hints["scratch.Diary.secret"] == 'personal("secret", DataCategory.TEXT, by_user("owner"), DELETE_ROW)'
    assert hints["scratch.Diary.id"] == 'not_personal("id")'


def test_a_proposal_can_be_taken_as_it_is(scratch_app):
    words = {"personal": personal, "not_personal": not_personal, "by_user": by_user, "everywhere": everywhere}
    words |= {"DataCategory": DataCategory, "DELETE_ROW": DELETE_ROW, "NULL": NULL, "REDACT": REDACT}
    policies = []
    for model in apps.get_app_config("scratch").get_models(include_auto_created=True):
        lines = [eval(proposal(field), dict(words)) for field in model._meta.local_concrete_fields]
        policies += model_policy(model._meta.label, *lines, because="it is a test")

    assert errors([*collect(), *policies]) == []


def test_the_query_of_a_step_is_composed_once_for_a_scope(monkeypatch):
    asked = []
    monkeypatch.setattr(ById, "condition", lambda self, scope: asked.append(self) or Q(pk__in=scope.ids))
    step = steps(model_policy("bazaar.PushToken", personal("user", DataCategory.PERSON, by_user("user"), NULL)))[0]
    scopes = [Scope(Identity((number,)), Mode.DELETE, timezone.now()) for number in (1, 2)]

    queries = [str(step.rows(scope).query) for scope in scopes for _ in range(3)]

    assert len(asked) == len(set(queries)) == len(scopes)
