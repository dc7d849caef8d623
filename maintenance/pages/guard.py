"""Answers for addresses and forms that cannot be read: status 400, or a list without its filters.

A list of Django's admin filters by any field and any look-up that an address names. That spells out, character by
character, what pages hide, and a regular expression ties up the database. Here a list filters by what its own filters
and its dates offer.
"""

from collections.abc import Iterable, Iterator
from functools import partial, wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import BadRequest, ValidationError
from django.db import DataError, transaction
from django.db.models import BooleanField, DateField, Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern
from django.utils.dateparse import parse_datetime

from maintenance.pages.access import View
from maintenance.pages.estimated import EstimatingPaginator

NUL = "\x00"
"""No database stores it in a text, and PostgreSQL's driver refuses it in a condition."""
ERROR_FLAG = "e"
"""The parameter that Django's lists set when they could not read the others."""
LONGEST_SEARCH = 200
"""Characters of a search: each of its words is a condition."""
LONGEST_KEY = 100
DATES = ("year", "month", "day", "gte", "lt")
MOMENTS = ("__gte", "__lt")


def refuse_nul(request: HttpRequest, *parts: object) -> None:
    """Raise `BadRequest` when the address, the form, a cookie or one of `parts` has a NUL."""
    sent = [text for data in (request.GET, request.POST) for name in data for text in (name, *data.getlist(name))]
    if any(NUL in str(text) for text in (request.path, *sent, *request.COOKIES.values(), *parts)):
        raise BadRequest("The address or the form has a NUL.")


def refusing_nul(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """Let the views answer status 400 when the address or the form has a NUL."""
    guarded = list(patterns)
    for pattern in guarded:
        pattern.callback = _refusing_nul(pattern.callback)
    return guarded


def _refusing_nul(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refuse_nul(request, *kwargs.values())
        return view(request, *args, **kwargs)

    return guarded


def readable_list(view: View, request: HttpRequest) -> HttpResponse:
    """Return a list of Django's admin, without its filters when the database or Python cannot read them.

    Django does the same, but not for numbers and dates that are too large.
    """
    try:
        with transaction.atomic():
            response = view(request)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            return response
    except (DataError, OverflowError, ValueError) as error:
        if not request.GET:
            raise
        if ERROR_FLAG in request.GET or request.method != "GET":
            raise BadRequest("The address cannot be read.") from error
        return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")


def readable_keys(model: type[Model], texts: Iterable[str]) -> list[Any]:
    """Return primary keys; raises `BadRequest` for a text that is none."""
    try:
        keys = [model._meta.pk.to_python(_short(text)) for text in texts]
    except (ValidationError, ValueError, OverflowError) as error:
        raise BadRequest("The form names a row by something that is no key.") from error
    return keys


def _short(text: str) -> str:
    if len(text) > LONGEST_KEY:
        raise ValueError
    return text


class GuardedAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic at run time
    """A list that filters by what its own filters offer, refuses what it cannot read, and counts no large table."""

    paginator = EstimatingPaginator
    show_full_result_count = False

    class Media:
        css = {"all": ["maintenance/lists.css"], "print": ["maintenance/print.css"]}

    def get_urls(self) -> list[URLPattern]:
        return refusing_nul(super().get_urls())

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return readable_list(partial(super().changelist_view, extra_context=extra_context), request)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        readable_keys(self.model, request.POST.getlist(ACTION_CHECKBOX_NAME))
        return super().response_action(request, queryset, *args, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if len(search_term) > LONGEST_SEARCH:
            raise BadRequest(f"A search has at most {LONGEST_SEARCH} characters.")
        return super().get_search_results(request, queryset, search_term)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        if lookup not in self.offered_lookups(request):
            return False
        return _is_moment(value) if lookup.endswith(MOMENTS) else True

    def offered_lookups(self, request: HttpRequest) -> set[str]:
        """Return the look-ups that the page's own links have, and those of one row that its columns refer to."""
        offered = {name for entry in self.get_list_filter(request) for name in self._lookups_of(entry)}
        offered |= {
            f"{name}__{self._key_of(name)}__exact" for name in self.get_list_display(request) if self._key_of(name)
        }
        return offered | {f"{self.date_hierarchy}__{suffix}" for suffix in DATES if self.date_hierarchy}

    def _key_of(self, name: object) -> str:
        """Return the key of the rows that a column refers to; nothing for a column of another kind."""
        field: Any = next((field for field in self.opts.fields if field.name == name and field.is_relation), None)
        return field.target_field.name if field else ""

    def _lookups_of(self, entry: Any) -> Iterator[str]:
        if isinstance(entry, type) and issubclass(entry, admin.SimpleListFilter):
            yield str(entry.parameter_name)
            return
        path, kind = entry if isinstance(entry, list | tuple) else (entry, None)
        field: Any = get_fields_from_path(self.model, path)[-1]
        yield from (f"{path}__{suffix}" if suffix else path for suffix in _suffixes(field, kind))


def _is_moment(value: str) -> bool:
    """Tell whether a value is a time with its zone, as in the links of a list."""
    try:
        moment = parse_datetime(value)
    except ValueError:
        return False
    return moment is not None and moment.tzinfo is not None


def _suffixes(field: "Field[Any, Any]", kind: type | None) -> tuple[str, ...]:
    """Return the look-ups of a filter of Django's admin."""
    if kind is not None and issubclass(kind, admin.EmptyFieldListFilter):
        return ("isempty",)
    if field.is_relation:
        return (f"{field.target_field.name}__exact", "isnull")  # type: ignore[attr-defined] # relations have it
    if field.choices or isinstance(field, BooleanField):
        return ("exact", "isnull")
    return ("gte", "lt", "isnull") if isinstance(field, DateField) else ("", "isnull")
