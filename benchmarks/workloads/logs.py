"""Audit logs of four years: those past three years go, those past one year become nobody's."""

from typing import ClassVar

from bazaar import redaction
from bazaar.models import AuditLog
from bazaar.redaction import rule
from benchmarks.workloads.base import SOMEBODY, Workload, add_people, execute, settle_down

PERSONAL = """
    CASE n %% 3
    WHEN 0 THEN jsonb_build_object(
        'actor', jsonb_build_object('email', 'user' || n || '@example.org', 'displayName', 'User ' || n),
        'changes', jsonb_build_array(
            jsonb_build_object('field', 'email',
                'old', 'old' || n || '@example.org', 'new', 'new' || n || '@example.org'),
            jsonb_build_object('field', 'title', 'old', md5(n::text), 'new', md5((n + 1)::text))),
        'request', jsonb_build_object('path', '/projects/' || n, 'ms', n %% 900))
    WHEN 1 THEN jsonb_build_object(
        'note', 'Sent to guest' || n || '@example.org from 203.0.113.' || n %% 250,
        'project', jsonb_build_object(
            'id', n, 'title', md5(n::text), 'tags', jsonb_build_array('art', 'code', 'music')))
    ELSE jsonb_build_object(
        'phone_number', '+44 20 7946 0' || n %% 1000, 'ipAddress', '203.0.113.' || n %% 250,
        'device', jsonb_build_object('os', 'ios', 'build', n), 'filename', md5(n::text) || '.png')
    END
"""
CLEAN = """
    CASE n %% 3
    WHEN 0 THEN jsonb_build_object(
        'project', jsonb_build_object(
            'id', n, 'title', md5(n::text), 'tags', jsonb_build_array('art', 'code', 'music')),
        'changes', jsonb_build_array(
            jsonb_build_object('field', 'title', 'old', md5(n::text), 'new', md5((n + 1)::text))),
        'request', jsonb_build_object('path', '/projects/' || n, 'ms', n %% 900))
    WHEN 1 THEN jsonb_build_object(
        'hostname', 'web-' || n %% 9, 'version', '5.2.' || n %% 30,
        'counts', jsonb_build_object('upvotes', n %% 90, 'comments', n %% 7))
    ELSE jsonb_build_object('filename', md5(n::text) || '.png', 'size', n, 'reason', repeat('No reason given. ', 3))
    END
"""


def add_logs(
    rows: int, *, oldest: str, youngest: str, personal: float, people: int, user: str = SOMEBODY, after: int = 0
) -> None:
    """Insert audit logs in random order of age; a part `personal` of them has something personal in the metadata.

    `user` is an expression for whose they are; the numbers in them count on from `after`.
    """
    execute(
        f"""
        INSERT INTO bazaar_auditlog
            (user_id, action, resource_type, resource_id, ip_address, user_agent, metadata, cleaned_version, created_at)
        SELECT {user}, 'project.updated', 'project', n::text, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64)',
            CASE WHEN random() < %(personal)s THEN {PERSONAL} ELSE {CLEAN} END, 0,
            now() - interval '{youngest}' - random() * (interval '{oldest}' - interval '{youngest}')
        FROM generate_series(1 + %(after)s, %(rows)s + %(after)s) n
        """,
        rows=rows,
        personal=personal,
        people=people,
        after=after,
    )


class OldLogs(Workload):
    """Four years of audit logs, inserted in random order; the oldest quarter goes."""

    name = "audit logs past three years"
    job = "delete-audit-logs"

    def seed(self, rows: int) -> None:
        people = max(100, rows // 100)
        add_people(people)
        add_logs(rows, oldest="4 years", youngest="3 years 1 day", personal=0.4, people=people)
        add_logs(rows * 3, oldest="2 years 364 days", youngest="0 days", personal=0.4, people=people)
        settle_down()

    def floor(self) -> int:
        return execute("DELETE FROM bazaar_auditlog WHERE created_at < %(cutoff)s", cutoff=self.cutoff())

    def django(self, limit: int) -> int:
        due = AuditLog.objects.filter(created_at__lt=self.cutoff())[:limit]
        return sum(log.delete()[0] for log in due.iterator())

    def row_by_row(self, limit: int) -> int:
        keys = AuditLog.objects.filter(created_at__lt=self.cutoff()).values_list("pk", flat=True)[:limit]
        return sum(execute("DELETE FROM bazaar_auditlog WHERE id = %(pk)s", pk=pk) for pk in keys)


class _PersonalLogs(Workload):
    job = "anonymize-audit-logs"
    personal: ClassVar[float]

    def seed(self, rows: int) -> None:
        people = max(100, rows // 100)
        add_people(people)
        add_logs(rows, oldest="4 years", youngest="1 year 1 day", personal=self.personal, people=people)
        add_logs(rows // 3, oldest="364 days", youngest="0 days", personal=self.personal, people=people)
        settle_down()

    def floor(self) -> int:
        """Drop personal keys at the top level only: less than what has to be done, and the least that can be."""
        return execute(
            """
            UPDATE bazaar_auditlog SET user_id = NULL, subject_id = NULL, ip_address = NULL, user_agent = NULL,
                metadata = metadata - '{email,phone,phone_number,name,address,ipAddress,actor}'::text[],
                cleaned_version = %(rule)s
            WHERE created_at < %(cutoff)s AND cleaned_version = 0
            """,
            cutoff=self.cutoff(),
            rule=rule.number(),
        )

    def django(self, limit: int) -> int:
        number, present = 0, rule.number()
        for log in AuditLog.objects.filter(created_at__lt=self.cutoff(), cleaned_version=0)[:limit].iterator():
            log.user = log.ip_address = log.user_agent = None
            log.metadata = redaction.clean(log.metadata)
            log.cleaned_version = present
            log.save()
            number += 1
        return number

    def row_by_row(self, limit: int) -> int:
        due, present = AuditLog.objects.filter(created_at__lt=self.cutoff(), cleaned_version=0), rule.number()
        return sum(
            AuditLog.objects.filter(pk=pk).update(
                user=None,
                ip_address=None,
                user_agent=None,
                metadata=redaction.clean(document),
                cleaned_version=present,
            )
            for pk, document in due.values_list("pk", "metadata")[:limit]
        )


class SomePersonalLogs(_PersonalLogs):
    """Audit logs with a user and an address each; 40 % have something personal in the metadata too."""

    name = "audit logs, 40 % personal"
    personal = 0.4


class AllPersonalLogs(_PersonalLogs):
    """Audit logs with a user and an address each; all have something personal in the metadata too."""

    is_typical = False
    name = "audit logs, all personal"
    personal = 1.0
