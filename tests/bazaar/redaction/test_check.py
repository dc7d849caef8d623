"""The checks of the policy for audit metadata, and how the actions of the program are found."""

import pytest
from django.core.checks import Error, Warning  # noqa: A004 - the name of Django

from bazaar.redaction import check, policy
from bazaar.redaction.check import check_policy, written_actions


def test_each_policy_is_accepted(settings):
    for name in policy.NAMES:
        settings.AUDIT_METADATA = name
        assert check_policy() == []


@pytest.mark.parametrize("name", ["", "Sanitise", "both"])
def test_another_policy_is_an_error(settings, name):
    settings.AUDIT_METADATA = name

    [message] = check_policy()

    assert (type(message), message.id) == (Error, "bazaar.E020")
    assert all(each in message.hint for each in policy.NAMES)


def test_an_action_that_the_allow_list_does_not_know_is_a_warning_there_alone(settings, monkeypatch):
    monkeypatch.setattr(check, "written_actions", lambda: {"b.unknown", "a.unknown"})
    assert check_policy() == []
    settings.AUDIT_METADATA = policy.ALLOW_LIST

    [message] = check_policy()

    assert (type(message), message.id) == (Warning, "bazaar.W020")
    assert "a.unknown, b.unknown" in message.msg


def test_the_actions_of_the_program_are_found():
    assert {"maintenance.run", "deletion.requested", "deletion.cancelled"} <= written_actions()


@pytest.mark.parametrize(
    ("source", "actions"),
    [
        ('AuditLog(action="a.done")', ["a.done"]),
        ('record("a.done", AuditLog)', ["a.done"]),
        ('AuditLog(action="a.on" if x else "a.off")', ["a.on", "a.off"]),
        ('ACTION = "a.done"  # AuditLog', ["a.done"]),
        ('OTHER = "a.done"  # AuditLog', []),
        ('record("a.done")', []),
        ('AuditLog(action=f"a.{x}")', []),
        ('AuditLog(action="no action")', []),
        ('AuditLog(action="A.done")', []),
        ('AuditLog(action="file.2")', []),
        ('AuditLog(action=x).write("data.json")', []),
    ],
)
def test_an_action_is_found_in_a_source(tmp_path, source, actions):
    path = tmp_path / "module.py"
    path.write_text(source)

    assert list(check._actions_in(path)) == actions
