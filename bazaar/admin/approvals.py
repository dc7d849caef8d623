"""Approve requests to delete the accounts of staff, as the second person."""

from functools import partial

from django.contrib import admin
from django.contrib.messages import SUCCESS
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from bazaar.admin.base import DomainAdmin
from bazaar.admin.confirmation import ask, chosen, current_user, each, is_confirmed
from bazaar.approvals import approve
from bazaar.models import DeletionRequest


class ApprovalAdmin(DomainAdmin):
    """The action of the second person, who needs the permission to add deletion requests."""

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("bazaar.add_deletionrequest")

    @admin.action(description=gettext_lazy("Approve deletion requests"), permissions=["approve"])
    def approve_requests(self, request: HttpRequest, requests: QuerySet[DeletionRequest]) -> HttpResponse | None:
        keys = chosen(self, request, requests)
        if not keys:
            return None
        found = DeletionRequest.objects.in_bulk(keys)
        if is_confirmed(request):
            self._approve_all(request, [found.get(pk) or DeletionRequest(pk=pk) for pk in keys])
            return None
        name = _("Deletion request %(id)s (user %(user)s)")
        return ask(
            self,
            request,
            "admin/bazaar/deletionrequest/approve.html",
            action="approve_requests",
            items=[(pk, name % {"id": pk, "user": found[pk].user_pk}) for pk in keys if pk in found],
            title=_("Approve deletion requests"),
            yes=_("Yes, approve them"),
        )

    def _approve_all(self, request: HttpRequest, deletions: list[DeletionRequest]) -> None:
        """Approve each request by itself: a refused one does not stop the others."""
        rows = [(deletion.pk, deletion) for deletion in deletions]
        approve_one = partial(self._approve_one, request)
        approved = each(self, request, rows, approve_one, _("Deletion request %(id)s: %(why)s"))
        if approved:
            sentence = ngettext(
                "Deletion request %(ids)s was approved.", "Deletion requests %(ids)s were approved.", len(approved)
            )
            self.message_user(request, sentence % {"ids": ", ".join(approved)}, SUCCESS)

    @transaction.atomic
    def _approve_one(self, request: HttpRequest, deletion: DeletionRequest) -> str:
        """Approve a request and return its id."""
        approve(deletion, by=current_user(request))
        self.log_change(request, deletion, [{"changed": {"fields": ["Approved by"]}}])
        return str(deletion.pk)
