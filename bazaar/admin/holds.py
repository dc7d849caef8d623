"""Legal holds: set and released here, never changed or deleted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.messages import SUCCESS, WARNING
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from bazaar.admin.base import HistoryAdmin
from bazaar.admin.confirmation import current_user
from bazaar.admin.moments import moment
from bazaar.deletion_errors import DeletionError
from bazaar.holds.models import Hold
from bazaar.holds.service import release, set_hold
from maintenance.core.errors import NotReady


class HoldForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    class Meta:
        model = Hold
        fields = ("user", "reason", "review_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            self.fields["user"].required = True

    def clean(self) -> dict[str, Any]:
        """Refuse what the ledger or the rules for holds refuse; all of it is rolled back then."""
        cleaned = super().clean() or self.cleaned_data
        user, review_on = cleaned.get("user"), cleaned.get("review_on")
        if user and user.anonymized_at:
            raise ValidationError(_("The user has been anonymised already."))
        if review_on and review_on < timezone.now().date():
            raise ValidationError({"review_on": _("The date of the review lies in the past.")})
        return cleaned


class ReviewFilter(admin.SimpleListFilter):
    title = gettext_lazy("review")
    parameter_name = "review"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        return [("overdue", _("overdue"))]

    def queryset(self, _request: HttpRequest, holds: QuerySet[Hold]) -> QuerySet[Hold]:
        overdue = holds.filter(status=Hold.Status.ACTIVE, review_on__lt=timezone.now().date())
        return overdue if self.value() == "overdue" else holds


@admin.register(Hold)
class HoldAdmin(HistoryAdmin):
    form = HoldForm
    list_display = ("id", "user_id", "status", "reason", "was_set", "review_on", "was_released")
    list_filter = ("status", "reason", ReviewFilter)
    search_fields = ("user__pk__exact", "user__email__exact")
    search_help_text = gettext_lazy("A user's id, or a whole e-mail address.")
    autocomplete_fields = ("user",)
    actions = ("release_holds",)

    was_set = moment("set_at", gettext_lazy("set"))
    was_released = moment("released_at", gettext_lazy("released"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ["user", "reason", "review_on"]
        del request
        return ["user", "request", "status", "reason", "was_set", "set_by", "review_on", "was_released", "released_by"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.get_fields(request, obj)) if obj is not None else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("holds.add_hold")

    def has_release_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("holds.change_hold")

    def save_model(self, request: HttpRequest, obj: Hold, form: Any, change: bool) -> None:
        del form, change
        assert obj.user is not None  # noqa: S101 # the form requires it # nosec B101
        made = set_hold(obj.user, reason=obj.reason, review_on=obj.review_on, by=current_user(request))
        obj.pk, obj.public_id = made.pk, made.public_id

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        try:
            return super().add_view(request, form_url, extra_context)
        except (NotReady, DeletionError) as refusal:
            self.message_user(request, _(str(refusal)), WARNING)
            request.method = "GET"
            return super().add_view(request, form_url, extra_context)

    @admin.action(description=gettext_lazy("Release legal holds"), permissions=["release"])
    def release_holds(self, request: HttpRequest, holds: QuerySet[Hold]) -> None:
        released = 0
        for hold in holds:
            try:
                release(hold, by=current_user(request))
            except (NotReady, DeletionError) as refusal:
                sentence = _("Legal hold %(id)s: %(why)s") % {"id": hold.pk, "why": _(str(refusal))}
                self.message_user(request, sentence, WARNING)
                continue
            self.log_change(request, hold, [{"changed": {"fields": ["Status"]}}])
            released += 1
        if released:
            self.message_user(request, _("Released legal holds: %(number)s.") % {"number": released}, SUCCESS)
