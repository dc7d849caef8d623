"""What is held about a person: a page of counts, and a download with a permission of its own."""

from tempfile import TemporaryFile
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bazaar.access.export import Export, export_of, record, write_zip
from bazaar.admin.base import DomainAdmin
from bazaar.admin.confirmation import current_user
from bazaar.deletion_errors import UnknownUser
from bazaar.models import User

PERMISSION = "bazaar.export_user"


class AccessAdmin(DomainAdmin):
    """Adds the page to that of a user."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.held))
        return [path("<int:user_id>/held/", view, name="bazaar_held"), *super().get_urls()]

    def held(self, request: HttpRequest, user_id: int) -> Any:
        """Show how much is held of which category; a POST downloads all of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST" and not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        try:
            export = export_of(user_id)
        except UnknownUser as error:
            raise Http404 from error
        return self._download(request, export) if request.method == "POST" else self._page(request, export)

    def _page(self, request: HttpRequest, export: Export) -> HttpResponse:
        numbers = export.by_category()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What is held about user %(id)s") % {"id": export.user},
            "user_id": export.user,
            "numbers": numbers,
            "total": sum(numbers.values()),
            "may_download": request.user.has_perm(PERMISSION),
        }
        return TemplateResponse(request, "admin/bazaar/user/held.html", context)

    def _download(self, request: HttpRequest, export: Export) -> FileResponse:
        archive = TemporaryFile()  # noqa: SIM115 - the response closes it
        write_zip(export, archive)
        archive.seek(0)
        record(export, current_user(request))
        self.log_change(request, User.objects.get(pk=export.user), [{"changed": {"fields": ["Export"]}}])
        return FileResponse(archive, as_attachment=True, filename=f"user-{export.user}.zip")
