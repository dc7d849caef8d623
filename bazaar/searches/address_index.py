r"""The index of audit logs by the addresses in them (PostgreSQL): a search looks them up instead of reading all.

A log is under one key for each `@` in it: the last letters and digits before it, in lower case. A name can begin only
behind something else than a letter or a digit, so that those of a name are those of the text. That is not certain where
something before the `@` may be encoded or quoted, or where the `@` itself may be encoded. Such a log is under `*` too,
and read by each search. Encodings hold no space, except for those that the function looks for.

The function is part of the index: it is not changed, but replaced by another one, with a new index, in a migration.
"""

import re
from collections.abc import Collection, Iterable

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from bazaar.partitions import indexes

MODEL = "bazaar.AuditLog"
READ_ALWAYS = "*"
FUNCTION = r"""
    CREATE OR REPLACE FUNCTION bazaar_address_keys(content text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    DECLARE
        keys text[];
    BEGIN
        IF content !~ '[@%&=\\]|[^\x01-\x7F]' THEN
            RETURN NULL;
        END IF;
        IF content ~ '@' THEN
            keys := ARRAY(
                SELECT CASE
                    WHEN before[1] ~ '[%&=\\]|[^\x01-\x7F]|"$' THEN '*'
                    ELSE lower(substring(before[1] FROM '([A-Za-z0-9]+)[^A-Za-z0-9]*$') COLLATE "C")
                END FROM regexp_matches(content, '([^\x01-\x20@]*)@', 'g') AS before
            );
        END IF;
        IF content ~* '<wbr|=\r?\n' OR content ~ '[%&=\\]|[^\x01-\x7F]' AND
            content ~* '[＠﹫]|commat|ff20|fe6b|([%=x;{]|25|3d|7b|u00|00)40|(#|%23|u0023)0*(64|65312|65131)|bc[%=]?(25|3d)*a0|b9[%=]?(25|3d)*ab'
        THEN
            keys := array_append(keys, '*');
        END IF;
        RETURN nullif(array_remove(keys, NULL), '{}');
    END $$
"""  # noqa: E501 - the expression is that of `bazaar.redaction.addresses.CANDIDATE`, a test compares them
CONTENT = (
    "(action || ' ' || resource_type || ' ' || coalesce(resource_id, '') || ' ' || coalesce(user_agent, '')"
    " || ' ' || metadata::text)"
)
COLUMNS = ("action", "resource_type", "resource_id", "user_agent", "metadata")
NAME = "audit_log_address_keys"
INDEX = f"USING gin (bazaar_address_keys{CONTENT}) WHERE bazaar_address_keys{CONTENT} IS NOT NULL"
_IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"
# Key by key: of a list, PostgreSQL would expect so many logs that it read all.
_FIND = f"""
    SELECT DISTINCT log.id FROM unnest(%s::text[]) AS wanted(key)
    JOIN bazaar_auditlog AS log ON bazaar_address_keys{CONTENT} @> ARRAY[wanted.key]
    ORDER BY log.id
"""  # nosec B608
_LAST_WORD = re.compile(r"([a-z0-9]+)[^a-z0-9]*\Z")


def create(using: BaseDatabaseWrapper) -> None:
    """Create the index while others write, or anew where that was interrupted."""
    if using.vendor == "postgresql":
        drop(using)
        with using.cursor() as cursor:
            cursor.execute(FUNCTION)
        indexes.create(using, NAME, INDEX)


def drop(using: BaseDatabaseWrapper) -> None:
    if using.vendor == "postgresql":
        with using.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {NAME}")
            cursor.execute("DROP FUNCTION IF EXISTS bazaar_address_keys(text)")


def keys_of(addresses: Iterable[str]) -> set[str] | None:
    """Return the keys of the logs in which addresses may stand; `None` where one of them has no key."""
    keys = {READ_ALWAYS}
    for address in addresses:
        name = address.rpartition("@")[0]
        if name.isascii():  # others stand in no text that has a key
            word = _LAST_WORD.search(name)
            if not word:
                return None
            keys.add(word[1])
    return keys


def candidates(addresses: Collection[str]) -> list[int] | None:
    """Return the keys of the audit logs in which addresses may stand; `None` where the index cannot tell.

    Addresses are in the form of `normalise`.
    """
    keys = keys_of(addresses)
    if keys is None or connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(_IS_VALID, [NAME])
        if cursor.fetchone() != (True,):
            return None
        cursor.execute(_FIND, [sorted(keys)])
        return [pk for (pk,) in cursor]
