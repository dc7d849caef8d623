"""An index of the audit log that is built while others write, whether the table is partitioned or not.

PostgreSQL builds no index of a partitioned table in that way. So it is built for each partition, and the table's own
index, which holds nothing, gets them one by one. It serves queries when it has all.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from bazaar.partitions.layout import TABLE

LONGEST = 63
"""Characters of a name in PostgreSQL."""
_PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(%s) ORDER BY 1"


def create(using: BaseDatabaseWrapper, name: str, content: str) -> None:
    """Create an index outside of a transaction; `content` is what stands behind the name of the table."""
    with using.cursor() as cursor:
        cursor.execute(_PARTITIONS, [TABLE])
        partitions = [part for (part,) in cursor.fetchall()]
        if not partitions:
            cursor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {TABLE} {content}")
            return
        cursor.execute(f"CREATE INDEX {name} ON ONLY {TABLE} {content}")
        for part in partitions:
            own = f"{part}_{name}"[:LONGEST]
            cursor.execute(f"DROP INDEX IF EXISTS {own}")  # of a build that was interrupted
            cursor.execute(f"CREATE INDEX CONCURRENTLY {own} ON {part} {content}")
            cursor.execute(f"ALTER INDEX {name} ATTACH PARTITION {own}")
