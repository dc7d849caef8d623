"""Which rows are those of persons under a hold: found as an erasure finds them, but by queries instead of values.

The engine leaves them out of what each job is to do (`MAINTENANCE_HOLDS`). The database asks for the holds in each
statement, so that a hold which is set between two batches counts from the next one on.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import CharField, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Replace
from django.utils import timezone

from bazaar.decisions.state import require_known_holds
from bazaar.erasure.admin_log_selectors import LOG_ABOUT_PERSON, LOG_ABOUT_ROWS
from bazaar.erasure.identity import Identity
from bazaar.erasure.inventory import collect, steps
from bazaar.erasure.resource_selectors import ByResource
from bazaar.erasure.scope import Mode, Scope
from bazaar.erasure.selectors import ByAddress, ById, Selector, Unanswered, by_user
from bazaar.holds.models import Hold
from bazaar.models import UserFormerEmail
from bazaar.redaction.person_types import person_type_pattern
from maintenance.core.array_lookup import in_query

Query = QuerySet[Any, Any]


class WithDashes(Func):
    """The 32 digits of a UUID with its dashes; flat, because SQLite can parse only so many levels."""

    output_field = CharField()
    template = " || '-' || ".join(
        f"SUBSTR(%(expressions)s, {start}, {length})" for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    )

    def as_sql(self, *args: Any, **context: Any) -> Any:
        sql, params = super().as_sql(*args, **context)
        return f"({sql})", [*params] * self.template.count("SUBSTR")


WORK_FOR_OTHERS = {by_user("verified_by"), by_user("approved_by")}
"""What staff did about the request of somebody else, whose erasure does not wait for a hold on the staff."""


@dataclass(frozen=True)
class HeldScope(Scope):
    """The persons under a hold, as the subjects of an erasure."""

    @property
    def ids(self) -> Any:
        return _held("user")

    def are_subjects(self, field: str) -> Q:
        return Q(**{f"{field}__in": self.ids})


def require_known() -> None:
    """Raise `NotReady` where this database was restored and does not know of all holds."""
    require_known_holds()


def has_holds() -> bool:
    """Return whether anybody is under a hold."""
    return Hold.objects.active().exists()


def held_rows(model: type[Model]) -> list[Query]:
    """Return queries for the primary keys of the rows of a model that no job may touch now, a query for each way."""
    conditions = [condition for selector in _selectors(model._meta.label) for condition in _conditions(selector)]
    if model is LogEntry:
        about = {"content_type__app_label": "bazaar", "content_type__model": "user"}
        conditions += [Q(**about) & in_query(_held(reference), "object_id") for reference in _references()]
    return [model._base_manager.filter(condition).order_by().values("pk") for condition in conditions]


def _conditions(selector: Selector) -> list[Q]:
    """Return conditions one of which is met by the rows that a selector finds for those who are held.

    They are those of the selector, with arrays in place of values: PostgreSQL then goes by an index, as it does for an
    erasure. Of the types of resources the database knows only a pattern: it may hold a row too many, and none too few.
    """
    if isinstance(selector, ById):
        return [in_query(_held("user"), selector.field)]
    if isinstance(selector, Unanswered):
        return [in_query(_held("user"), selector.field) & Q(accepted_at=None, declined_at=None)]
    if isinstance(selector, ByAddress):
        own = Q(**{f"{selector.account}__isnull": True}) if selector.account else Q()
        return [in_query(addresses, selector.field) & own for addresses in (_held("user__email"), _former_addresses())]
    if isinstance(selector, ByResource):
        named = [in_query(_held(reference), selector.id_field) for reference in _references()]
        return [one & Q(**{f"{selector.type_field}__iregex": person_type_pattern()}) for one in named]
    return _alternatives(selector.condition(HeldScope(Identity(), Mode.DELETE, timezone.now())))


@cache
def _selectors(label: str) -> list[Selector]:
    """Return the ways in which rows of a model are found, apart from searches of everybody's texts.

    Of the admin log, the entries by and about the person are held: about which other rows one is, a statement that
    counts what is due could tell only at a price.
    """
    own = (step for step in steps(collect()) if step.label == label and not step.search)
    found = {part for step in own for part in step.selector.parts} - {LOG_ABOUT_PERSON, LOG_ABOUT_ROWS}
    return sorted(found - WORK_FOR_OTHERS, key=lambda part: part.text)


def _alternatives(condition: Q) -> list[Any]:
    """Return conditions one of which is met where `condition` is; SQLite can parse only so many levels in one."""
    if condition.connector != Q.OR or condition.negated:
        return [condition]
    children = (child if isinstance(child, Q) else Q(child) for child in condition.children)
    return [one for child in children for one in _alternatives(child)]


def _held(column: Any) -> Query:
    """Return a column of those who are held."""
    return Hold.objects.active().filter(user__isnull=False).values_list(column)


def _former_addresses() -> Query:
    return UserFormerEmail.objects.filter(user__holds__status=Hold.Status.ACTIVE).values_list("email")


def _references() -> list[Any]:
    """The forms in which a text names a user: the id, the public id without dashes and with them."""
    digits = Replace(Cast("user__public_id", CharField()), Value("-"), Value(""))
    return [Cast("user_id", TextField()), digits, WithDashes(digits)]
