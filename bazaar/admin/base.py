"""Base classes of the domain's admin pages."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, URLField
from django.http import HttpRequest, HttpResponse

from bazaar.models import Upload
from maintenance.pages.guard import GuardedAdmin

SECRETS = frozenset({"password", "session_data", "session_key", "token", "token_hash"})
"""Names of credential fields. No page shows them."""


class DomainAdmin(GuardedAdmin):
    """Pages of one model: secrets are hidden, and fields that are not editable are read-only."""

    ordering: ClassVar[Any] = ("-pk",)
    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        hidden = [field.name for field in self.opts.fields if field.name in SECRETS]
        return [*(super().get_exclude(request, obj) or ()), *hidden]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        if obj is not None:  # a new object has no values yet
            computed = [field.name for field in self.opts.fields if not field.editable]
            fields += [name for name in computed if name not in fields and name not in SECRETS]
        return fields

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelChoiceField[Any] | None":
        if db_field.related_model is Upload:
            # The database refuses an upload that is marked for removal too, but without a message at the form.
            kwargs["queryset"] = Upload.objects.filter(condemned_at=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Refuse an action without permission; Django only leaves it out of the list."""
        if request.method == "POST":
            known = {*map(str, self.actions or ()), *(name for name, _action in self.admin_site.actions)}
            if known.intersection(request.POST.getlist("action")) - self.get_actions(request).keys():
                raise PermissionDenied
        return super().changelist_view(request, extra_context)


class RecordedAdmin(DomainAdmin):
    """Rows that the site writes: they cannot be added or changed in the admin."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


class HistoryAdmin(RecordedAdmin):
    """Rows that are evidence: they cannot be deleted in the admin either."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
