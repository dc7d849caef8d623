"""The certificate of a deletion request, and the search for one by an address, in the admin."""

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


class CertificateAdmin(DomainAdmin):
    """Adds the page of a certificate; finds requests by the digest of an address; says why nothing can be decided."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.certificate))
        page = path("<int:request_id>/certificate/", view, name="bazaar_certificate")
        return [page, *super().get_urls()]

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
