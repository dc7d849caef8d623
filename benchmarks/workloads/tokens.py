"""Plain deletions by age: push tokens, in random order and as they came, and invitations."""

from typing import ClassVar

from bazaar.models import Invitation, PushToken
from benchmarks.workloads.base import SOMEBODY, Workload, add_people, add_projects, execute, settle_down

YOUNG = 4
"""For each row that is due, so many are not."""


class _Tokens(Workload):
    job = "cleanup-push-tokens"
    order: ClassVar[str]

    def seed(self, rows: int) -> None:
        people = max(100, rows // 20)
        add_people(people)
        execute(
            f"""
            INSERT INTO bazaar_pushtoken (user_id, token, platform, created_at, last_used_at)
            SELECT {SOMEBODY}, md5(n::text) || md5(random()::text), 'ios', now() - interval '2 years',
                CASE WHEN n <= %(rows)s THEN now() - interval '91 days' - random() * interval '1 year'
                     ELSE now() - random() * interval '89 days' END
            FROM generate_series(1, %(rows)s * (1 + %(young)s)) n ORDER BY {self.order}
            """,
            rows=rows,
            young=YOUNG,
            people=people,
        )
        settle_down()

    def floor(self) -> int:
        return execute("DELETE FROM bazaar_pushtoken WHERE last_used_at < %(cutoff)s", cutoff=self.cutoff())

    def django(self, limit: int) -> int:
        due = PushToken.objects.filter(last_used_at__lt=self.cutoff())[:limit]
        return sum(token.delete()[0] for token in due.iterator())

    def row_by_row(self, limit: int) -> int:
        keys = PushToken.objects.filter(last_used_at__lt=self.cutoff()).values_list("pk", flat=True)[:limit]
        return sum(execute("DELETE FROM bazaar_pushtoken WHERE id = %(pk)s", pk=pk) for pk in keys)


class ShuffledTokens(_Tokens):
    """Old and young push tokens lie side by side in the table."""

    name = "push tokens, shuffled"
    order = "random()"


class SortedTokens(_Tokens):
    """Old push tokens lie together, as they came."""

    is_typical = False
    name = "push tokens, sorted"
    order = "n"


class Invitations(Workload):
    """Unanswered invitations, shuffled among answered and young ones."""

    name = "invitations, shuffled"
    job = "cleanup-invitations"

    def seed(self, rows: int) -> None:
        people = max(100, rows // 20)
        add_people(people)
        add_projects(100)
        execute(
            f"""
            INSERT INTO bazaar_invitation
                (email, invited_by_id, project_id, role, token_hash, expires_at, created_at, accepted_at)
            SELECT 'guest' || n || '@example.org', {SOMEBODY}, 1 + n %% 100, 'contributor', md5(n::text), now(),
                CASE WHEN n <= %(rows)s * 2 THEN now() - interval '31 days' - random() * interval '1 year'
                     ELSE now() - random() * interval '29 days' END,
                CASE WHEN n > %(rows)s AND n <= %(rows)s * 2 THEN now() END
            FROM generate_series(1, %(rows)s * 3) n ORDER BY random()
            """,
            rows=rows,
            people=people,
        )
        settle_down()

    def floor(self) -> int:
        return execute(
            "DELETE FROM bazaar_invitation "
            "WHERE created_at < %(cutoff)s AND accepted_at IS NULL AND declined_at IS NULL",
            cutoff=self.cutoff(),
        )

    def django(self, limit: int) -> int:
        due = Invitation.objects.pending().filter(created_at__lt=self.cutoff())[:limit]
        return sum(invitation.delete()[0] for invitation in due.iterator())

    def row_by_row(self, limit: int) -> int:
        due = Invitation.objects.pending().filter(created_at__lt=self.cutoff())
        keys = due.values_list("pk", flat=True)[:limit]
        return sum(execute("DELETE FROM bazaar_invitation WHERE id = %(pk)s", pk=pk) for pk in keys)
