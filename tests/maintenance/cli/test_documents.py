"""When a document is wanted, and the layout of a refusal."""

import pytest

from maintenance.cli.documents import error_of, is_json_wanted


def test_an_error_has_a_member_of_its_own():
    assert error_of("unknown-job", "There is none.", 2) == {
        "error": {"code": "unknown-job", "message": "There is none.", "exit_status": 2}
    }


@pytest.mark.parametrize(
    ("arguments", "is_wanted"),
    [
        (["jobs", "--json"], True),
        (["jobs", "--js", "list"], True),
        (["jobs", "--j"], True),
        (["jobs", "--"], False),
        (["jobs", "-j"], False),
        (["jobs", "--json=1"], False),
        (["jobs", "json"], False),
        ([], False),
    ],
)
def test_json_is_wanted_by_the_option_and_its_abbreviations(arguments, is_wanted):
    assert is_json_wanted(arguments) is is_wanted
