"""Partitions of the audit log by month (PostgreSQL): what is past its limit is dropped by the month, not by the row.

A site asks for them (`manage.py audit_partitions adopt`); without them the audit log is a table like any other, as on
SQLite. The model, the ORM and the migrations do not know of them.

**Danger.** A partition is dropped with everything in it. `removal` drops only one whose last moment is past the limit
and in which no row is held, and counts its rows in the same transaction, after it has locked writers out.

**Atomicity.** Each change of the layout is one transaction. Killed anywhere, it has happened or not; what `adopt` may
leave behind is a constraint, which the next call, the next run of `delete-audit-logs`, or the error itself removes.
"""
