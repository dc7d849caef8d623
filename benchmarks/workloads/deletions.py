"""Deletion requests of people with few rows and with very many: how many statements one takes."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from bazaar import erasure
from bazaar.models import DeletionRequest
from benchmarks.statements import Statements
from benchmarks.workloads.base import add_people, add_projects, execute, settle_down
from benchmarks.workloads.logs import CLEAN, PERSONAL

FEW, MANY = 1, 2
"""Ids of a user with a handful of rows, and of one with `rows`."""


def seed(rows: int) -> None:
    """Insert people of whom one has `rows` audit logs and as many notifications, and another one has five."""
    add_people(1_000)
    add_projects(500)
    for user, number in ((FEW, 5), (MANY, rows)):
        values = {"user": user, "number": number}
        execute(
            f"""
            INSERT INTO bazaar_auditlog (user_id, action, resource_type, resource_id, ip_address, user_agent, metadata,
                cleaned_version, created_at)
            SELECT %(user)s, 'project.updated', 'project', n::text, '203.0.113.7', 'Mozilla/5.0',
                CASE WHEN n %% 2 = 0 THEN {PERSONAL} ELSE {CLEAN} END, 0, now() - interval '1 year' * random()
            FROM generate_series(1, %(number)s) n
            """,
            **values,
        )
        execute(
            "INSERT INTO bazaar_upvote (user_id, project_id, created_at) "
            "SELECT %(user)s, n, now() FROM generate_series(1, least(%(number)s, 500)) n",
            **values,
        )
    settle_down()


def erase_everybody() -> dict[str, int]:
    """Carry out the deletion of each, in each mode, and return how many statements that took."""
    result = {}
    for user, rows in ((FEW, "few"), (MANY, "many")):
        for anonymise, mode in ((True, "anonymise"), (False, "delete")):
            with transaction.atomic():
                result[f"{mode}, {rows} rows"] = _statements_of(user, anonymise=anonymise)
                transaction.set_rollback(True)
    return result


def _statements_of(user: int, *, anonymise: bool) -> int:
    due = timezone.now() - timedelta(minutes=1)
    request = DeletionRequest.objects.create(
        user_id=user, user_pk=user, scheduled_for=due, anonymize_contributions=anonymise
    )
    statements = Statements()
    with connection.execute_wrapper(statements):
        evidence = erasure.erase(request.pk, timezone.now(), searched=erasure.Searched(timezone.now()))
    if evidence is None:
        raise RuntimeError("Nobody was erased.")
    return statements.number
