"""A fail-over: the server refuses to write, is gone, and another one with the same data takes its place."""

import pytest

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # SQLite has no server
    pytest.mark.django_db(transaction=True),
]

TOKENS = 4_000


@pytest.fixture
def pair(pair_of_servers):
    pair_of_servers.fill(TOKENS)
    return pair_of_servers


@pytest.fixture
def start_slowly(pair, start, until):
    """Start a run that takes some seconds; return it when it is at work."""
    variables = {**pair.variables, "MAINTENANCE_BATCH_PAUSE": "0.02", "MAINTENANCE_LEASE_SECONDS": "60"}
    command = start("cleanup_push_tokens", "--confirm-count", str(TOKENS), **variables)
    until(pair.first.done)
    return command


def test_a_run_waits_while_nobody_may_write_and_goes_on_on_the_other_server(pair, start_slowly, until):
    pair.refuse_writes()
    until(lambda: "refuses to write" in start_slowly.said())
    pair.until_followed()

    pair.fail_over()

    ended = start_slowly.wait()
    assert ended.status == 0, ended
    assert "raised an error" not in ended.err, "no row is at fault"
    assert pair.second.left() == 0
    assert pair.second.do("SELECT status FROM maintenance_jobrun") == [("succeeded",)]
    pair.second.assert_exact(TOKENS)


def test_what_the_other_server_did_not_get_is_done_again(pair, start_slowly, run, until):
    pair.until_followed()
    pair.cut_off()
    there = pair.first.done()
    until(lambda: pair.first.done() > there)

    pair.fail_over()

    ended = start_slowly.wait()
    assert ended.status == 1, ended
    assert 0 < pair.second.done() <= there
    pair.second.assert_exact(TOKENS)
    ended = run("cleanup_push_tokens", "--confirm-count", str(TOKENS), **pair.variables)
    assert ended.status == 0, ended
    assert pair.second.left() == 0
    pair.second.assert_exact(TOKENS)
