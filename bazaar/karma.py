"""Karma: its one definition, as an expression that the database evaluates.

A user's karma is the sum over their collaborations of `floor(upvotes of the project x multiplier of the role)`, and
`FEATURED_BONUS` for every featured project that they created. Deleted and anonymised users have none: they are left
out, and what is stored for them stays as it is.

What one collaboration is worth is `_points`, and nothing else. Around it there are two forms. For users one by one it
is a subquery per user, and in it a count per collaboration, each a look-up in an index. For many at a time PostgreSQL
counts the votes of each project once, and joins them, which takes a fifth of the time.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from django.db import connections
from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import CombinedExpression, RawSQL
from django.db.models.functions import Coalesce
from django.db.transaction import TransactionManagementError, get_connection

from bazaar.models import Collaborator, Project, Role, Upvote, User
from maintenance.core.array_lookup import array_of

MULTIPLIERS: Mapping[Role, Fraction] = {
    Role.CREATOR: Fraction(1),
    Role.CONTRIBUTOR: Fraction(1, 2),
    Role.ADVISOR: Fraction(1, 4),
}
"""What one upvote of a project is worth to those who work on it, by their role."""

FEATURED_BONUS = 10
"""Karma that the creator of a featured project gets in addition to its upvotes."""

# In whole parts of a multiplier (quarters) the arithmetic is of integers, which every database divides alike.
_PARTS = lcm(*(multiplier.denominator for multiplier in MULTIPLIERS.values()))


@dataclass(frozen=True)
class Change:
    """A user's karma that was wrong and is right now."""

    user_id: int
    old: int
    new: int


def live_users() -> QuerySet[User]:
    """Return the users who have karma: neither deleted nor anonymised."""
    return User.objects.filter(deleted_at=None, anonymized_at=None)


def karma_of(user_id: int) -> int:
    """Return the karma that a user should have by the formula; 0 for a user who has none or does not exist."""
    user = live_users().filter(pk=user_id)
    return user.values_list(_expected(), flat=True).first() or 0


def drifted(users: QuerySet[User] | None = None) -> QuerySet[User]:
    """Return the live users, of `users` or of all, whose stored karma is wrong; `expected_karma` is the right value.

    The result can be filtered, ordered and sliced. Without `users`, PostgreSQL counts all votes for each query.
    """
    live = _of(users).annotate(expected_karma=_expected())
    if users is None and connections[live.db].vendor == "postgresql":
        return live.filter(pk__in=RawSQL(*_drifted_of_all(live.db)))  # noqa: S611 - no input # nosec B611
    return live.exclude(karma=_expected())


def recount(users: QuerySet[User]) -> list[Change]:
    """Correct the karma of `users`, and return the changes in id order. A correct karma is not written.

    The live ones among `users` are locked first, in id order, so that two recounts cannot deadlock.
    Their karma is then computed by the statement that writes it, which sees everything committed before the locks
    were taken; nobody else can change it until the transaction ends. A vote is counted before or after, and no vote is
    lost. `updated_at` stays: nobody edited the user.

    Pass few users at a time: those of one batch, or those that an erasure affects. A transaction that locks users in
    another order can still deadlock with this one. PostgreSQL then ends one of the two (SQLSTATE 40P01); its owner
    repeats the whole transaction, with a new query for `users`.

    Raises `TransactionManagementError` outside `transaction.atomic()`, on every database.
    """
    if not get_connection(users.db).in_atomic_block:
        raise TransactionManagementError("recount() writes under locks: call it inside transaction.atomic().")
    # The lock that the update takes anyway: it leaves others free to write rows that refer to these users.
    locked = _of(users).select_for_update(no_key=True).order_by("pk")
    before = dict(locked.values_list("pk", "karma"))
    write = _write_at_once if connections[users.db].vendor == "postgresql" else _write
    return [Change(pk, before[pk], new) for pk, new in sorted(write(before.keys(), users.db)) if new != before[pk]]


def _of(users: QuerySet[User] | None) -> QuerySet[User]:
    return live_users() if users is None else live_users().filter(pk__in=users.values("pk"))


def _write(keys: Collection[int], using: str) -> Iterable[tuple[int, int]]:
    held = User.objects.using(using).filter(pk__in=list(keys))
    held.exclude(karma=_expected()).update(karma=_expected())
    return held.values_list("pk", "karma")


def _write_at_once(keys: Collection[int], using: str) -> Iterable[tuple[int, int]]:
    sums, constants = _sums(using, "SELECT id FROM asked")
    user = User._meta.db_table
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"""
            WITH asked AS MATERIALIZED (SELECT unnest(%s::bigint[]) AS id)
            UPDATE {user} SET karma = COALESCE(sums.karma, 0)
            FROM asked LEFT JOIN ({sums}) AS sums ON sums.user_id = asked.id
            WHERE {user}.id = asked.id AND {user}.karma <> COALESCE(sums.karma, 0)
            RETURNING {user}.id, {user}.karma
            """,  # names of tables and columns are the models' # nosec B608
            [array_of(keys), *constants],
        )
        return list(cursor.fetchall())


def _drifted_of_all(using: str) -> tuple[str, list[Any]]:
    """Return a query for the ids of users whose stored karma is wrong, whether they are live or not."""
    sums, constants = _sums(using)
    user = User._meta.db_table
    query = f"""
        SELECT one.id FROM {user} AS one LEFT JOIN ({sums}) AS sums ON sums.user_id = one.id
        WHERE one.karma <> COALESCE(sums.karma, 0)
    """  # names of tables and columns are the models' # nosec B608
    return query, constants


def _sums(using: str, users: str | None = None) -> tuple[str, list[Any]]:
    """Return a query for the karma of all users with collaborations, or of those whose ids the query `users` returns.

    With it come its parameters; `users` has none.
    """
    collaborator, project, upvote = (model._meta.db_table for model in (Collaborator, Project, Upvote))
    query = Collaborator.objects.using(using).query
    votes = RawSQL("COALESCE(votes.number, 0)", [], output_field=IntegerField())
    points, constants = query.get_compiler(using).compile(_points(votes).resolve_expression(query))
    mine = f"WHERE user_id IN ({users})" if users else ""
    counted = f"SELECT project_id, COUNT(*) AS number FROM {upvote} GROUP BY project_id"  # nosec B608
    if users:  # one index look-up for each project; the planner would read all votes
        counted = f"""
            SELECT id AS project_id, (SELECT COUNT(*) FROM {upvote} WHERE project_id = theirs.id) AS number
            FROM (SELECT DISTINCT project_id AS id FROM {collaborator} {mine}) AS theirs
        """  # names of tables and columns are the models' # nosec B608
    sql = f"""
        SELECT {collaborator}.user_id, SUM({points})::integer AS karma
        FROM {collaborator} JOIN {project} ON {project}.id = {collaborator}.project_id
        LEFT JOIN ({counted}) AS votes ON votes.project_id = {collaborator}.project_id
        {mine} GROUP BY {collaborator}.user_id
    """  # names of tables and columns are the models' # nosec B608
    return sql, list(constants)


def _expected() -> Coalesce:
    """Express the karma of the user whom the query around it is about."""
    votes = Upvote.objects.filter(project=OuterRef("project")).values("project").values(number=Count("*"))
    collaborations = Collaborator.objects.filter(user=OuterRef("pk")).values("user")
    return _or_zero(collaborations.values(points=Sum(_points(_or_zero(votes)))))


def _points(votes: Any) -> CombinedExpression:
    """Express what one collaboration is worth, of a project with so many `votes`: the one definition of karma."""
    parts = Case(
        *(When(role=role, then=Value(int(multiplier * _PARTS))) for role, multiplier in MULTIPLIERS.items()),
        default=Value(0),
    )
    bonus = Case(When(role=Role.CREATOR, project__is_featured=True, then=Value(FEATURED_BONUS)), default=Value(0))
    points: CombinedExpression = votes * parts / _PARTS + bonus
    return points


def _or_zero(query: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(query), 0, output_field=IntegerField())
