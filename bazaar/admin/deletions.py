"""Deletion requests: list, evidence and cancellation."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.messages import SUCCESS
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from bazaar.admin.approvals import ApprovalAdmin
from bazaar.admin.base import HistoryAdmin
from bazaar.admin.certificates import CertificateAdmin
from bazaar.admin.confirmation import ask, chosen, current_user, each, is_confirmed
from bazaar.admin.inventory import InventoryAdmin
from bazaar.admin.moments import in_utc, moment
from bazaar.certificates.told import told_by
from bazaar.deletion_requests import cancel_request
from bazaar.models import DeletionRequest
from bazaar.models.deletions import AWAITS_APPROVAL

Status = DeletionRequest.Status
SOON = timedelta(days=7)


class DueFilter(admin.SimpleListFilter):
    """Pending requests by due date."""

    title = gettext_lazy("due")
    parameter_name = "due"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        return [
            ("overdue", _("overdue")),
            ("soon", _("within 7 days")),
            ("later", _("later")),
            ("approval", _("waiting for approval")),
        ]

    def queryset(self, _request: HttpRequest, requests: QuerySet[DeletionRequest]) -> QuerySet[DeletionRequest]:
        now = timezone.now()
        conditions = {
            "overdue": Q(scheduled_for__lt=now),
            "soon": Q(scheduled_for__gte=now, scheduled_for__lt=now + SOON),
            "later": Q(scheduled_for__gte=now + SOON),
            "approval": AWAITS_APPROVAL,
        }
        condition = conditions.get(self.value() or "")
        return requests if condition is None else requests.filter(condition, status=Status.PENDING)


class CancelForm(forms.Form):
    reason = forms.ChoiceField(label=gettext_lazy("Reason"))

    def __init__(self, data: Mapping[str, Any] | None) -> None:
        super().__init__(data)
        reasons = DeletionRequest.CancelReason.choices
        self.fields["reason"].choices = [("", "---------"), *reasons]  # type: ignore[attr-defined] # it is a choice


@admin.register(DeletionRequest)
class DeletionRequestAdmin(ApprovalAdmin, CertificateAdmin, InventoryAdmin, HistoryAdmin):
    ordering = (Case(When(status=Status.PENDING, then=F("scheduled_for"))).asc(nulls_last=True), "-pk")
    list_display = ("id", "whose", "due", "status", "mode", "requested", "completed", "last_error")
    list_filter = (
        "requested_at",
        "status",
        DueFilter,
        "channel",
        "anonymize_contributions",
        ("last_error", admin.EmptyFieldListFilter),
    )
    search_fields = ("user_pk__exact", "user__email__exact")
    search_help_text = gettext_lazy("A user's id, or a whole e-mail address.")
    actions = ("approve_requests", "cancel_requests")
    readonly_fields = (
        "whose",
        "mode",
        "due",
        "erased_records",
        "requested",
        "promised",
        "approved",
        "notified",
        "reminded",
        "completed",
        "cancelled",
        "attempted",
    )
    fieldsets = (
        (None, {"fields": ("whose", "status", "mode", "due", "requested", "promised", "completed")}),
        (gettext_lazy("Origin"), {"fields": ("channel", "verified_by", "needs_approval", "approved", "approved_by")}),
        (gettext_lazy("Mails to the person"), {"fields": ("notified", "reminded", "notice_attempts")}),
        (gettext_lazy("Cancellation"), {"fields": ("cancelled", "cancelled_by", "cancel_reason")}),
        (gettext_lazy("Attempts"), {"fields": ("attempts", "attempted", "last_error")}),
        (gettext_lazy("Evidence"), {"fields": ("erased_records",)}),
    )

    class Media:
        css = {"all": ["bazaar/admin.css"]}

    # Display

    requested = moment("requested_at", gettext_lazy("requested"))
    promised = moment("scheduled_for", gettext_lazy("promised for"))
    approved = moment("approved_at", gettext_lazy("approved"))
    notified = moment("notified_at", gettext_lazy("at the request"))
    reminded = moment("reminded_at", gettext_lazy("before the date"))
    completed = moment("completed_at", gettext_lazy("carried out"))
    cancelled = moment("cancelled_at", gettext_lazy("cancelled"))
    attempted = moment("last_attempt_at", gettext_lazy("last attempt"))

    @admin.display(description=gettext_lazy("user"), ordering="user_pk")
    def whose(self, deletion: DeletionRequest) -> str:
        """The user's id, as a link as long as the user exists."""
        if deletion.user_id is None:
            return str(deletion.user_pk)
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:bazaar_user_change", args=[deletion.user_id]), deletion.user_pk
        )

    @admin.display(description=gettext_lazy("mode"), ordering="anonymize_contributions")
    def mode(self, deletion: DeletionRequest) -> str:
        return _("anonymise") if deletion.anonymize_contributions else _("delete")

    @admin.display(description=gettext_lazy("due"), ordering="scheduled_for")
    def due(self, deletion: DeletionRequest) -> str:
        if deletion.status != Status.PENDING:
            return str(self.get_empty_value_display())
        words = in_words(deletion.scheduled_for, timezone.now())
        return format_html(_("{}, waits for approval"), words) if deletion.is_awaiting_approval else words

    @admin.display(description=gettext_lazy("erased records"))
    def erased_records(self, deletion: DeletionRequest) -> str:
        if deletion.status != Status.COMPLETED:
            return str(self.get_empty_value_display())
        evidence = deletion.evidence
        deleted, changed = evidence.get("rows_deleted", {}), evidence.get("rows_changed", {})
        context = {
            "rows": [(_named(label), deleted.get(label, 0), changed.get(label, 0)) for label in {**deleted, **changed}],
            "deleted": sum(deleted.values()),
            "changed": sum(changed.values()),
            "mode": _(evidence.get("mode", "-")),
            "files": evidence.get("files_condemned", 0),
            "karma": evidence.get("karma_recounted", 0),
            "public_id": evidence.get("public_id"),
            "told": told_by(deletion),
        }
        return render_to_string("admin/bazaar/deletionrequest/evidence.html", context)

    # Cancelling

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("bazaar.change_deletionrequest")

    @admin.action(description=gettext_lazy("Cancel deletion requests"), permissions=["cancel"])
    def cancel_requests(self, request: HttpRequest, requests: QuerySet[DeletionRequest]) -> HttpResponse | None:
        keys = chosen(self, request, requests)
        form = CancelForm(request.POST if is_confirmed(request) else None)
        if not keys:
            return None
        found = DeletionRequest.objects.in_bulk(keys)
        if form.is_valid():
            self._cancel_all(request, [found.get(pk) or DeletionRequest(pk=pk) for pk in keys], form)
            return None
        name = _("Deletion request %(id)s (user %(user)s)")
        return ask(
            self,
            request,
            "admin/bazaar/deletionrequest/cancel.html",
            action="cancel_requests",
            items=[(pk, name % {"id": pk, "user": found[pk].user_pk}) for pk in keys if pk in found],
            title=_("Cancel deletion requests"),
            yes=_("Yes, cancel them"),
            form=form,
        )

    def _cancel_all(self, request: HttpRequest, deletions: Sequence[DeletionRequest], form: CancelForm) -> None:
        """Cancel each request by itself: a finished one does not stop the others."""
        cancel = partial(self._cancel_one, request, reason=form.cleaned_data["reason"])
        rows = [(deletion.pk, deletion) for deletion in deletions]
        cancelled = each(self, request, rows, cancel, _("Deletion request %(id)s: %(why)s"))
        if cancelled:
            sentence = ngettext(
                "Deletion request %(ids)s was cancelled; the account stays.",
                "Deletion requests %(ids)s were cancelled; the accounts stay.",
                len(cancelled),
            )
            self.message_user(request, sentence % {"ids": ", ".join(cancelled)}, SUCCESS)

    @transaction.atomic
    def _cancel_one(self, request: HttpRequest, deletion: DeletionRequest, *, reason: str) -> str:
        """Cancel a request and return its id."""
        cancel_request(deletion, by=current_user(request), reason=reason)
        self.log_change(request, deletion, [{"changed": {"fields": ["Status", "Cancel reason"]}}])
        return str(deletion.pk)


def in_words(scheduled_for: datetime, now: datetime) -> str:
    """Return the time until the promised date, or the date since which the request is overdue."""
    if scheduled_for < now:
        return format_html(_("overdue since {}"), in_utc(scheduled_for))
    return _("due in %(time)s") % {"time": timeuntil(scheduled_for, now, depth=1)}


def _named(label: str) -> str:
    """Return the plural name of a model; for a removed model, its label in the evidence."""
    try:
        return str(apps.get_model(label)._meta.verbose_name_plural)
    except (LookupError, ValueError):
        return label
