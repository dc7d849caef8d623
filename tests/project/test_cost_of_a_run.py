"""What a run costs in which nothing is due: statements, which do not depend on the machine."""

import pytest
from django.db import connection
from django.utils import timezone

from maintenance.core import registry
from maintenance.engine.runner import run_now

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]  # SQLite needs fewer

MOST = 24
"""Statements of a run of one stage, without `BEGIN` and `COMMIT`; two of them ask whether all legal holds are known."""
FOR_A_STAGE = 2
MORE = {
    "anonymize-audit-logs": 1,  # whether its rule is that of the database
    "cleanup-run-history": 20,
    "finalize-deletions": 20,
    "compare-erased-addresses": 60,
    "delete-audit-logs": 4,  # whether the table has partitions
}
"""Statements of jobs that look for more than what is due."""


class Statements:
    def __init__(self):
        self.sent = []

    def __call__(self, execute, sql, params, many, context):
        self.sent.append(sql)
        return execute(sql, params, many, context)


@pytest.mark.parametrize("name", registry.names())
def test_a_run_with_nothing_due_sends_few_statements(name, uploads):
    run_now(name)  # what is found once for each process, and what is left to do
    stages = len(list(registry.get(name).stages(timezone.now())))
    statements = Statements()

    with connection.execute_wrapper(statements):
        result = run_now(name)

    assert result.success
    assert any("maintenance_jobrun" in sql for sql in statements.sent)
    most = MOST + FOR_A_STAGE * max(0, stages - 1) + MORE.get(name, 0)
    assert len(statements.sent) <= most, (len(statements.sent), statements.sent)
