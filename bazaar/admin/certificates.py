"""The certificate of a deletion request, and the search for one by an address, in the admin."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.messages import WARNING
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bazaar.admin.base import DomainAdmin
from bazaar.certificates.certificate import certificate_of
from bazaar.certificates.document import as_html
from bazaar.certificates.find import erasures_of
from bazaar.decisions import state
from bazaar.deletion_errors import DeletionError
from bazaar.models import DeletionRequest
from maintenance.core.errors import NotReady
from maintenance.core.json_encoder import encode
from maintenance.pages.downloads import download
from maintenance.reporting.csv_text import lines

COLUMNS = ("model", "rows_deleted", "rows_changed")


def _as_csv(evidence: Mapping[str, Any]) -> str:
    counts = {name: evidence.get(name, {}) for name in COLUMNS[1:]}
    models = sorted({model for count in counts.values() for model in count})
    rows = ({"model": model, **{name: count.get(model, 0) for name, count in counts.items()}} for model in models)
    return "".join(lines(COLUMNS, rows))


FORMATS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"csv": _as_csv, "json": encode}
"""The files of an evidence; as JSON, the member that `manage.py deletions show --json` prints."""


class CertificateAdmin(DomainAdmin):
    """Adds the page of a certificate; finds requests by the digest of an address; says why nothing can be decided."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.certificate))
        page = path("<int:request_id>/certificate/", view, name="bazaar_certificate")
        files = self.admin_site.admin_view(require_safe(self.evidence))
        return [
            page,
            path("<int:request_id>/evidence.<str:kind>", files, name="bazaar_evidence"),
            *super().get_urls(),
        ]

    def evidence(self, request: HttpRequest, request_id: int, kind: str) -> HttpResponse:
        """Answer with the evidence of a request as a file: the numbers of rows as CSV, all of it as JSON."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        deletion = DeletionRequest.objects.filter(pk=request_id).first()
        if deletion is None or not deletion.evidence or kind not in FORMATS:
            raise Http404
        return download(FORMATS[kind](deletion.evidence), f"evidence-{request_id}", kind)

    def certificate(self, request: HttpRequest, request_id: int) -> HttpResponse:
        """Show the certificate as a page that prints on one sheet."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        deletion = DeletionRequest.objects.filter(pk=request_id).first()
        if deletion is None:
            raise Http404
        try:
            return HttpResponse(as_html(certificate_of(deletion)))
        except DeletionError as refusal:
            raise Http404(str(refusal)) from refusal

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        if "@" in search_term:
            try:
                erased = [erasure.request for erasure in erasures_of(search_term)]
            except NotReady:
                return found, may_have_duplicates
            found |= queryset.filter(pk__in=[pk for pk in erased if pk])
        return found, may_have_duplicates

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if refusal := state.why_not():
            self.message_user(request, _(str(refusal)), WARNING)
        return super().changelist_view(request, extra_context)
