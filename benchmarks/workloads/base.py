"""What a workload is, and the people that all of them share."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar

from django.db import connection
from django.utils import timezone

from maintenance.core import registry
from maintenance.engine.results import JobResult
from maintenance.engine.runner import run_now


class Workload(ABC):
    """One job on one kind of data.

    Each contender does the same work and returns how many rows it dealt with; `django` and `row_by_row` stop after
    `limit` of them, because their time a row does not change.
    """

    name: ClassVar[str]
    job: ClassVar[str]
    largest: ClassVar[int] = 10**9
    """More rows than this are not tried."""
    is_typical: ClassVar[bool] = True
    """Whether the site is looked at beside it: of the workloads of a job, one is enough."""

    @abstractmethod
    def seed(self, rows: int) -> None:
        """Fill empty tables, so that `rows` rows are due."""

    @abstractmethod
    def floor(self) -> int:
        """Do it in one statement, the best that there is."""

    @abstractmethod
    def django(self, limit: int) -> int:
        """Do it as Django's documentation does: object by object."""

    @abstractmethod
    def row_by_row(self, limit: int) -> int:
        """Do it with a statement a row."""

    def ours(self) -> JobResult:
        return run_now(self.job, confirm_count=10**9)

    def rows_of(self, result: JobResult) -> int:
        """Return how many rows a run of ours dealt with."""
        counts = result.details["counts"]
        return int(sum(counts.get(name, 0) for name in ("deleted", "changed", "unchanged")))

    def prepare(self) -> None:  # noqa: B027 - most have nothing to do
        """Restore the state outside the database."""

    def cutoff(self) -> datetime:
        """Return what the job's own cutoff is at this moment."""
        retention = registry.get(self.job).retention
        assert retention is not None, "a job without an age limit"
        return retention.cutoff(timezone.now())


def execute(sql: str, **values: str | float | datetime) -> int:
    """Execute a statement, and return how many rows it was about."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return int(cursor.rowcount)


def settle_down() -> None:
    """Do what autovacuum would have done after so many rows."""
    execute("VACUUM (ANALYZE)")


def add_people(number: int, *, after: int = 0) -> None:
    """Insert users; their ids count on from `after`."""
    execute(
        """
        INSERT INTO bazaar_user (id, public_id, email, name, bio, password, is_superuser, is_staff, is_active,
            is_external, karma, show_email_on_profile, include_in_search, show_activity_publicly, created_at,
            updated_at)
        SELECT n + %(after)s, gen_random_uuid(), 'user' || n + %(after)s || '@example.org', 'User ' || n,
            repeat('About me. ', 10), '!', false, false, true, false, 0, false, true, true,
            now() - interval '4 years' * random(), now()
        FROM generate_series(1, %(number)s) n
        """,
        number=number,
        after=after,
    )


def add_projects(number: int, *, after: int = 0) -> None:
    """Insert projects; their ids count on from `after`, and every fiftieth is featured."""
    execute(
        """
        INSERT INTO bazaar_project
            (id, title, description, url, repo_url, status, is_featured, created_at, updated_at)
        SELECT n + %(after)s, 'Project ' || n, '', '', '', 'building', n %% 50 = 0, now(), now()
        FROM generate_series(1, %(number)s) n
        """,
        number=number,
        after=after,
    )


SOMEBODY = "1 + floor(%(people)s * power(random(), 3))::int"
"""A user's id: the first have very many rows, most have few."""
