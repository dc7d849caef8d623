"""What migrations and operators gave the table, as PostgreSQL's catalogue has it, to be given to another table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from bazaar.partitions.layout import TABLE

Named = Sequence[tuple[str, str]]
"""Names, each with the statement that creates the object."""
_INDEXES = """
    SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = to_regclass(%s) AND NOT indisprimary ORDER BY 1
"""
_TRIGGERS = """
    SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger
    WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal ORDER BY 1
"""
_FOREIGN_KEYS = """
    SELECT conname,
           format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = to_regclass(%s) AND contype = 'f' ORDER BY 1
"""
_REFERENCED = (
    "SELECT DISTINCT confrelid::regclass::text FROM pg_constraint WHERE conrelid = to_regclass(%s) AND contype = 'f'"
)
_GRANTS = """
    WITH log AS (SELECT oid, relacl, relowner FROM pg_class WHERE oid = to_regclass(%s)), granted AS (
        SELECT right_.privilege_type || '' AS what, right_.grantee, right_.is_grantable
        FROM log, aclexplode(relacl) AS right_ WHERE right_.grantee <> relowner
        UNION ALL
        SELECT format('%%s (%%I)', right_.privilege_type, attname), right_.grantee, right_.is_grantable
        FROM log JOIN pg_attribute ON attrelid = log.oid, aclexplode(attacl) AS right_
    )
    SELECT format('ALTER TABLE %%s OWNER TO %%s', oid::regclass, relowner::regrole) FROM log
    UNION ALL
    SELECT format('GRANT %%s ON %%s TO %%s %%s', what, log.oid::regclass,
                  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
                  CASE WHEN is_grantable THEN 'WITH GRANT OPTION' ELSE '' END)
    FROM granted, log
"""
_NEXT_KEY = "SELECT last_value + is_called::int FROM {sequence}"
_OBSTACLES = """
    WITH log AS (SELECT to_regclass(%s)::oid AS id)
    SELECT 'the view ' || ev_class::regclass FROM log
        JOIN pg_depend ON refclassid = 'pg_class'::regclass AND refobjid = id AND classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite ON pg_rewrite.oid = objid
    UNION SELECT 'a foreign key of ' || conrelid::regclass FROM log JOIN pg_constraint ON confrelid = id
    UNION SELECT 'the unique index ' || indexrelid::regclass FROM log JOIN pg_index ON indrelid = id
        WHERE indisunique AND NOT indisprimary
    UNION SELECT 'the invalid index ' || indexrelid::regclass FROM log JOIN pg_index ON indrelid = id
        WHERE NOT indisvalid
    UNION SELECT 'the policy ' || polname FROM log JOIN pg_policy ON polrelid = id
    UNION SELECT 'the publication ' || pubname FROM log JOIN pg_publication_rel ON prrelid = id
        JOIN pg_publication ON pg_publication.oid = prpubid
    UNION SELECT 'the inheritance by ' || inhrelid::regclass FROM log JOIN pg_inherits ON inhparent = id
    ORDER BY 1
"""


@dataclass(frozen=True)
class Definitions:
    """What a table has beside its columns and its own constraints."""

    indexes: Named
    triggers: Named
    foreign_keys: Named
    referenced: Sequence[str]
    """The tables that its foreign keys refer to."""
    grants: Sequence[str]


def read() -> Definitions:
    """Return the definitions of the audit log."""
    return Definitions(
        _named(_INDEXES),
        _named(_TRIGGERS),
        _named(_FOREIGN_KEYS),
        [name for (name,) in rows(_REFERENCED, TABLE)],
        [grant for (grant,) in rows(_GRANTS, TABLE)],
    )


def next_key() -> int:
    """Return the key that the next log gets. Call it while nobody can insert one."""
    ((sequence,),) = rows("SELECT pg_get_serial_sequence(%s, 'id')", TABLE)
    ((key,),) = rows(_NEXT_KEY.format(sequence=sequence))
    return int(key)


def obstacles() -> list[str]:
    """Return what stands on the table that a partitioned one cannot have, or that would go on naming the old table."""
    return [text for (text,) in rows(_OBSTACLES, TABLE)]


def rows(sql: str, *params: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query of the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return list(cursor.fetchall())


def _named(sql: str) -> Named:
    return [(name, definition) for name, definition in rows(sql, TABLE)]
