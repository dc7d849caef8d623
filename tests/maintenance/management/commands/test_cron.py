"""`manage.py cron`: what an expression means, and when it runs next; without a database."""

import json
from datetime import UTC, datetime

import pytest
import time_machine

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)


def test_an_expression_has_a_sentence_and_its_next_times(run):
    with time_machine.travel(NOW, tick=False):
        out, err = run("cron", "0 0  2 * * SUN")

    assert out.splitlines() == [
        "0 2 * * 0: At 02:00, only on Sunday (UTC).",
        *(f"  Sun 2026-{day} 02:00" for day in ("06-07", "06-14", "06-21", "06-28", "07-05")),
    ]
    assert err == ""


def test_the_document_has_what_was_given_and_what_it_means(run):
    with time_machine.travel(NOW, tick=False):
        document = json.loads(run("cron", "*/30 4 * * *", "--json")[0])

    assert (document["given"], document["expression"]) == ("*/30 4 * * *", "0,30 4 * * *")
    assert document["next_times"][0] == "2026-06-02T04:00:00+00:00"
    assert len(document["next_times"]) == 5


@pytest.mark.parametrize("words", [["nonsense"], ["30", "4", "*", "*", "*"], ["0 0 30 2 *"], [""]])
def test_what_is_no_expression_is_refused(run, words):
    out, err = run("cron", *words, status=2)

    assert out == ""
    assert err.count("\n") == 1
