"""Sentences of the program as pages show them: no command that has a button, and SQLSTATEs in words."""

import pytest

from maintenance.engine import volume_guard
from maintenance.health import remedies
from maintenance.pages.formatting import for_page
from maintenance.reporting import status


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Resume them (`manage.py jobs resume`).", "Resume them."),
        ("Start it (`manage.py cluster`); its log says why.", "Start it; its log says why."),
        ("Run it (`manage.py x`; `--dry-run` says how much).", "Run it."),
        ("Run `manage.py ledger replay`.", "Run `manage.py ledger replay`."),  # there is no other way
        ("If so, run `manage.py scratch --confirm-count 2000`.", "If so, confirm it."),
        (
            "If so, run `manage.py scratch --sweep --confirm-count 2`.",
            "If so, run `manage.py scratch --sweep --confirm-count 2`.",
        ),
        ("Anything (in parentheses) stays.", "Anything (in parentheses) stays."),
    ],
)
def test_a_page_has_no_command_that_it_has_a_button_for(text, shown):
    assert for_page(text) == shown


@pytest.mark.parametrize("remedy", [remedies.START, remedies.RESTART, status.SAVE_AGAIN, status.SET_ANOTHER])
def test_remedies_have_an_action_without_their_command(remedy):
    assert "manage.py" in str(remedy)
    assert "manage.py" not in for_page(str(remedy))
    assert for_page(str(remedy)).endswith(".")


def test_the_message_of_the_volume_guard_has_no_command_on_a_page(scratch_job):
    message = str(volume_guard.VolumeGuardStopped(scratch_job(), 2_000, "far more than usual"))

    assert "manage.py" in message
    assert for_page(message).endswith("nothing was done. If this number is correct, confirm it.")


def test_a_sqlstate_is_told_in_words():
    assert for_page("It failed: OperationalError 55P03.") == (
        "It failed: OperationalError 55P03 (a record was locked by somebody else for too long)."
    )
