"""Request the deletion of accounts from the list of users. The requests are carried out later."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.messages import SUCCESS, WARNING
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from bazaar.admin.base import DomainAdmin
from bazaar.admin.confirmation import ask, chosen, current_user, each, is_confirmed
from bazaar.deletion_errors import RightsBeyondYours, UnknownUser
from bazaar.deletion_requests import make_request
from bazaar.ledger.choices import ENTERED
from bazaar.models import DeletionRequest, User
from bazaar.rights import has_rights_beyond

MANY = 10
"""More accounts than this at once need their number typed in."""


class RequestForm(forms.Form):
    """How the requests came in; where they are many, their number, so that nobody confirms without having read it."""

    channel = forms.ChoiceField(label=gettext_lazy("Came in"))
    number = forms.IntegerField(label=gettext_lazy("Number of accounts"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, accounts: int) -> None:
        super().__init__(data)
        self.accounts = accounts
        self.fields["channel"].choices = [("", "---------"), *ENTERED]  # type: ignore[attr-defined] # it is a choice
        if accounts <= MANY:
            del self.fields["number"]

    def clean_number(self) -> int:
        number = self.cleaned_data["number"]
        if number != self.accounts:
            raise forms.ValidationError(_("Type in the number of accounts in the list above."))
        return self.accounts


class AccountDeletionAdmin(DomainAdmin):
    """The two actions for users, with the permission to add a deletion request."""

    actions = ("request_deletion", "request_full_deletion")

    def has_request_deletion_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("bazaar.add_deletionrequest")

    @admin.action(description=gettext_lazy("Request deletion (anonymise)"), permissions=["request_deletion"])
    def request_deletion(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        return self._ask_or_request(request, users, "request_deletion", anonymize=True)

    @admin.action(description=gettext_lazy("Request full deletion"), permissions=["request_deletion"])
    def request_full_deletion(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        return self._ask_or_request(request, users, "request_full_deletion", anonymize=False)

    def _ask_or_request(
        self, request: HttpRequest, users: QuerySet[User], action: str, *, anonymize: bool
    ) -> HttpResponse | None:
        keys = chosen(self, request, users)
        if not keys:
            return None
        form = RequestForm(request.POST if is_confirmed(request) else None, len(keys))
        if form.is_valid():
            self._request_all(request, keys, form.cleaned_data["channel"], anonymize=anonymize)
            return None
        days = settings.DELETION_GRACE_DAYS
        return ask(
            self,
            request,
            "admin/bazaar/user/request_deletion.html",
            action=action,
            items=[(pk, _("User %(id)s") % {"id": pk}) for pk in keys],
            title=_("Request deletion") if anonymize else _("Request full deletion"),
            yes=_("Yes, request the deletion"),
            anonymize=anonymize,
            days=days,
            promised=timezone.now() + timedelta(days=days),
            form=form,
        )

    def _request_all(self, request: HttpRequest, keys: list[int], channel: str, *, anonymize: bool) -> None:
        """Make a request for each user by itself: a refused one does not stop the others."""
        users = User.objects.in_bulk(keys)
        made = each(
            self,
            request,
            [(pk, users.get(pk)) for pk in keys],
            partial(self._request_one, request, channel=channel, anonymize=anonymize),
            _("User %(id)s: %(why)s"),
        )
        if made:
            self._tell(request, made)

    @transaction.atomic
    def _request_one(
        self, request: HttpRequest, user: User | None, *, channel: str, anonymize: bool
    ) -> DeletionRequest:
        if user is None:
            raise UnknownUser
        operator = current_user(request)
        if has_rights_beyond(user, operator):
            raise RightsBeyondYours
        made = make_request(user, anonymize=anonymize, by=operator, channel=channel)
        added: list[dict[str, Any]] = [{"added": {"name": str(made._meta.verbose_name), "object": str(made)}}]
        self.log_change(request, user, added)
        self.log_addition(request, made, [{"added": {}}])
        return made

    def _tell(self, request: HttpRequest, made: list[DeletionRequest]) -> None:
        sentence = ngettext(
            "The deletion of user %(ids)s was requested. It is carried out after %(date)s UTC.",
            "The deletion of users %(ids)s was requested. It is carried out after %(date)s UTC.",
            len(made),
        )
        ids = ", ".join(str(item.user_pk) for item in made)
        date = date_format(made[-1].scheduled_for, "DATETIME_FORMAT")
        self.message_user(request, sentence % {"ids": ids, "date": date}, SUCCESS)
        waiting = ", ".join(str(item.pk) for item in made if item.needs_approval)
        if waiting:
            sentence = _("These are requests for staff, which a second person has to approve: %(ids)s.")
            self.message_user(request, sentence % {"ids": waiting}, WARNING)
