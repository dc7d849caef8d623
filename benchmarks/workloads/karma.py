"""Karma of a whole site, wrong for everybody and right for everybody."""

from typing import ClassVar

from bazaar import karma
from bazaar.models import Role, User
from benchmarks.workloads.base import SOMEBODY, Workload, add_people, add_projects, execute, settle_down
from maintenance.engine.results import JobResult

EXPECTED = """
    SELECT u.id, coalesce(sum(floor(coalesce(v.number, 0) * CASE c.role
            WHEN 'creator' THEN 1 WHEN 'contributor' THEN 0.5 WHEN 'advisor' THEN 0.25 ELSE 0 END)
        + CASE WHEN c.role = 'creator' AND p.is_featured THEN 10 ELSE 0 END), 0)::int AS karma
    FROM bazaar_user u
    LEFT JOIN bazaar_collaborator c ON c.user_id = u.id
    LEFT JOIN bazaar_project p ON p.id = c.project_id
    LEFT JOIN (SELECT project_id, count(*) AS number FROM bazaar_upvote GROUP BY project_id) v
        ON v.project_id = c.project_id
    WHERE u.deleted_at IS NULL AND u.anonymized_at IS NULL
    GROUP BY u.id
"""
REPAIR = f"""
    UPDATE bazaar_user SET karma = expected.karma FROM ({EXPECTED}) expected
    WHERE bazaar_user.id = expected.id AND bazaar_user.karma <> expected.karma
"""


class _Karma(Workload):
    job = "recalculate-karma"
    is_sound: ClassVar[bool]

    def seed(self, rows: int) -> None:
        """Half as many projects as users, with two collaborators and five upvotes each."""
        add_people(rows)
        projects = max(1, rows // 2)
        add_projects(projects)
        for role in (Role.CREATOR, Role.CONTRIBUTOR):
            execute(
                f"""
                INSERT INTO bazaar_collaborator (user_id, project_id, role, created_at)
                SELECT {SOMEBODY}, 1 + n %% %(projects)s, %(role)s, now()
                FROM generate_series(1, %(projects)s) n ON CONFLICT DO NOTHING
                """,
                people=rows,
                projects=projects,
                role=role.value,
            )
        execute(
            """
            INSERT INTO bazaar_upvote (user_id, project_id, created_at)
            SELECT 1 + floor(%(people)s * random())::int, 1 + floor(%(projects)s * power(random(), 3))::int, now()
            FROM generate_series(1, %(people)s * 5) n ON CONFLICT DO NOTHING
            """,
            people=rows,
            projects=projects,
        )
        execute(REPAIR)
        if not self.is_sound:
            execute("UPDATE bazaar_user SET karma = karma + 1")
        settle_down()

    def floor(self) -> int:
        execute(REPAIR)
        return User.objects.count()

    def rows_of(self, _result: JobResult) -> int:
        return User.objects.count()

    def django(self, limit: int) -> int:
        number = 0
        for user in User.objects.order_by("pk")[:limit].iterator():
            user.karma = karma.karma_of(user.pk)
            user.save()
            number += 1
        return number

    def row_by_row(self, limit: int) -> int:
        number = 0
        for pk, stored in User.objects.order_by("pk").values_list("pk", "karma")[:limit]:
            expected = karma.karma_of(pk)
            if expected != stored:
                User.objects.filter(pk=pk).update(karma=expected)
            number += 1
        return number


class DriftedKarma(_Karma):
    """Everybody's karma is wrong."""

    name = "karma, all drifted"
    is_sound = False


class SoundKarma(_Karma):
    """Nobody's karma is wrong."""

    is_typical = False
    name = "karma, none drifted"
    is_sound = True
