"""Reading one variable: blank means the default, and nonsense is a fault that never quotes the value."""

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError

from bazaar import environment
from bazaar.environment import Environment

SECRET = "ann@example.org"


def faults(env):
    with pytest.raises(ImproperlyConfigured) as refused:
        env.raise_faults()
    return str(refused.value).split("\n")


READERS = [
    (lambda env: env.boolean("X", default=True), {"on": True, "NO": False, " 1 ": True}, ["2", "an", "tru", "\u0661"]),
    (lambda env: env.choice("X", ("INFO", "DEBUG")), {"debug": "DEBUG", "INFO": "INFO"}, ["TRACE", "INFO,DEBUG"]),
    (
        lambda env: env.number("X", 5, 0.5, 10),
        {"0.5": 0.5, "10": 10, "1e0": 1, "+7": 7},
        ["0.4", "10.1", "nan", "inf", "1_0", "\u0667", "five", "1,5"],
    ),
    (lambda env: env.whole("X", 5, 1, 10), {"1": 1, "10": 10, "007": 7}, ["0", "11", "1.0", "1e1", "1_0", "\u0667"]),
    (lambda env: env.items("X", r"[a-z]+", "names"), {"a, b ,,c": ["a", "b", "c"], "A": ["A"]}, ["a,1", "a b", "-"]),
    (
        lambda env: env.text("X", "", "a sender", environment.sender),
        {"Ann <ann@example.org>": "Ann <ann@example.org>"},
        ["ann", "<>", "a <b>"],
    ),
]
DEFAULTS = [True, "INFO", 5, 5, [], ""]
each_reader = pytest.mark.parametrize(
    ("read", "good", "bad"), READERS, ids=["boolean", "choice", "number", "whole", "items", "sender"]
)


@each_reader
def test_a_value_that_can_be_used_is_taken(read, good, bad):
    for text, value in good.items():
        env = Environment({"X": text})
        assert read(env) == value
        env.raise_faults()


@each_reader
def test_a_value_that_cannot_be_used_is_one_fault_without_the_value(read, good, bad):
    for text in (*bad, "a\x00b", "a\x1b[31m", "\udcff"):
        env = Environment({"X": text})
        read(env)
        [fault] = faults(env)
        assert fault.startswith("X cannot be used: it may be ")
        assert fault.endswith(".")


@pytest.mark.parametrize(
    ("reader", "default"), [(row[0], default) for row, default in zip(READERS, DEFAULTS, strict=True)]
)
@pytest.mark.parametrize("variables", [{}, {"X": ""}, {"X": "  \t"}])
def test_a_blank_variable_has_its_default(reader, default, variables):
    env = Environment(variables)

    assert reader(env) == default
    env.raise_faults()
    assert env.names == {"X"}


def test_all_faults_are_told_together_and_each_once():
    env = Environment({"A": SECRET, "B": SECRET, "C": "3"})
    env.whole("A", 1, 1, 9)
    env.whole("A", 1, 1, 9)
    env.boolean("B", default=False)
    env.whole("C", 1, 1, 9)
    env.require("D", "D is needed.")

    told = faults(env)

    assert [line.split()[0] for line in told] == ["A", "B", "D"]
    assert SECRET not in "".join(told)


def test_what_is_required_has_its_own_sentence():
    missing, garbled, present = (Environment(variables) for variables in ({}, {"D": "\x00"}, {"D": " x "}))

    assert (missing.require("D", "Set D."), faults(missing)) == ("", ["Set D."])
    assert garbled.require("D", "Set D.") == ""
    assert faults(garbled) == ["D cannot be used: it may be text without control characters."]
    assert present.require("D", "Set D.") == "x"


def test_the_default_of_a_service_is_made_only_where_it_is_needed():
    made = []

    def default():
        made.append(1)
        return {"made": True}

    assert Environment({"X": "y"}).service("X", lambda text: {"url": text}, default, "a URL") == {"url": "y"}
    assert made == []
    assert Environment({}).service("X", lambda text: {"url": text}, default, "a URL") == {"made": True}


def test_a_default_that_cannot_be_made_is_a_fault_too():
    def default():
        raise PermissionError(SECRET)

    env = Environment({})

    assert env.service("X", lambda _text: {}, default, "a URL") == {}
    assert faults(env) == ["X cannot be used: it may be a URL."]


def test_limits_are_found_by_the_end_of_their_name():
    found = Environment(
        {
            "PUSH_TOKEN_RETENTION_DAYS": " 90 ",
            "AUDIT_YEARS": "3",
            "DAYS": "1",
            "x_DAYS": "1",
            "X_DAYS": "",
            "X_DAY": "1",
        }
    ).limits()

    assert found == {"PUSH_TOKEN_RETENTION_DAYS": "90", "AUDIT_YEARS": "3"}


@pytest.mark.parametrize("text", ["ann@example.org", "Ann <ann@example.org>", "<ann@example.org>"])
def test_a_sender_is_an_address_with_or_without_a_name(text):
    assert environment.sender(text) == text


@pytest.mark.parametrize("text", ["", "ann", "Ann <ann>", "ann@example.org <", "a@b@example.org"])
def test_what_is_no_address_is_no_sender(text):
    with pytest.raises(ValidationError):
        environment.sender(text)
