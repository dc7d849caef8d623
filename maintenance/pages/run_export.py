"""The list of runs as a file. It streams, so that a long history takes no memory."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from maintenance.models import JobRun
from maintenance.pages.access import VIEW, View, needs
from maintenance.pages.downloads import download
from maintenance.pages.guard import readable_list
from maintenance.reporting import run_files

CHUNK = 500
FORMATS: dict[str, Callable[[Iterable[JobRun]], Iterator[str]]] = {
    "csv": run_files.as_csv,
    "json": run_files.as_json,
}


def view_of(page: Any) -> View:
    """Return the view that answers with the runs that the list `page` shows with the same address, on all its pages."""

    @require_safe
    @needs(VIEW)
    def export(request: HttpRequest, kind: str) -> HttpResponse:
        if kind not in FORMATS:
            raise Http404
        return readable_list(partial(_file, page, kind), request)

    return export


def _file(page: Any, kind: str, request: HttpRequest) -> Any:
    runs = page.get_changelist_instance(request).queryset.select_related(None).order_by("-pk")
    return download(FORMATS[kind](runs.iterator(CHUNK)), "runs", kind)
