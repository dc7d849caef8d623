"""A fail-over of its database, under a cluster."""

import pytest

from tests.cluster.processes import SLOW

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # SQLite has no server
    pytest.mark.django_db(transaction=True),
]

TOKENS = 2_000
MAKE_DUE = "UPDATE django_q_schedule SET next_run = now() WHERE name = 'cleanup-push-tokens'"


def test_a_cluster_goes_on_on_the_other_server(pair_of_servers, cluster, until):
    pair = pair_of_servers
    pair.fill(TOKENS)
    one = cluster(**pair.variables, **SLOW)
    pair.first.do(MAKE_DUE)
    until(pair.first.done)

    pair.refuse_writes()
    until(lambda: "refuses to write" in one.log())
    pair.until_followed()
    pair.fail_over()

    ended = "SELECT count(*) FROM maintenance_jobrun WHERE status IN ('queued', 'running')"
    until(lambda: pair.second.left() == 0 and not pair.second.value(ended))
    pair.second.assert_exact(TOKENS)
    slots = pair.second.value("SELECT count(*) FROM maintenance_jobrun WHERE slot IS NOT NULL")
    assert slots == 1, "the time is used once"
    one.until_up()
    pair.second.do(MAKE_DUE)
    until(lambda: pair.second.value("SELECT count(*) FROM maintenance_jobrun WHERE slot IS NOT NULL") == 2)
    one.stop()
