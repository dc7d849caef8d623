"""When the person was told, or why not."""

from datetime import UTC, datetime

import pytest

from bazaar.certificates.told import as_json, told_by
from bazaar.models import DeletionRequest

AT = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
SENT = "sent at 2026-06-01 04:30 UTC"
NO_MAIL = "no: no mail was configured"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [NO_MAIL, NO_MAIL, "unknown"]),
        ({"notice_due_at": AT}, ["not sent", "not sent", "unknown"]),
        ({"notified_at": AT}, [SENT, "no: none was due", "unknown"]),
        ({"notified_at": AT, "notice_due_at": AT}, [SENT, "not sent", "unknown"]),
        ({"notified_at": AT, "reminded_at": AT}, [SENT, SENT, "unknown"]),
        ({"closing_notice": "sent", "closing_notice_at": AT}, [NO_MAIL, NO_MAIL, SENT]),
        ({"closing_notice": "not_configured"}, [NO_MAIL, NO_MAIL, NO_MAIL]),
        ({"closing_notice": "queued"}, [NO_MAIL, NO_MAIL, "not yet: the mail waits for another attempt"]),
        ({"closing_notice": "not_sent"}, [NO_MAIL, NO_MAIL, "not sent: the mail server did not take it"]),
        (
            {"closing_notice": "unsure", "closing_notice_at": AT},
            [NO_MAIL, NO_MAIL, f"{SENT}; nobody knows whether it arrived"],
        ),
    ],
)
def test_each_mail_has_its_time_or_the_reason_why_there_is_none(fields, expected):
    assert [text for _name, text in told_by(DeletionRequest(**fields))] == expected


@pytest.mark.parametrize("notice", DeletionRequest.ClosingNotice)
def test_every_outcome_of_the_last_mail_has_words(notice):
    request = DeletionRequest(closing_notice=notice)

    assert told_by(request)[-1][1]
    assert as_json(request)["closing_mail"] == notice
