"""The list of runs as a file. It streams, so that a long history takes no memory."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from maintenance.models import JobRun
from maintenance.pages.access import VIEW, View, needs
from maintenance.pages.guard import readable_list
from maintenance.reporting import run_files

CHUNK = 500
FORMATS: dict[str, tuple[str, Callable[[Iterable[JobRun]], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", run_files.as_csv),
    "json": ("application/json", run_files.as_json),
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
    content_type, write = FORMATS[kind]
    runs = page.get_changelist_instance(request).queryset.select_related(None).order_by("-pk")
    return StreamingHttpResponse(
        write(runs.iterator(CHUNK)),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="runs.{kind}"'},
    )
