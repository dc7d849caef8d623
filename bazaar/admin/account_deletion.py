"""Request the deletion of accounts from the list of users. The requests are carried out later."""

from datetime import timedelta
from typing import Any

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
from bazaar.admin.confirmation import ask, chosen, current_user, is_confirmed
from bazaar.deletion_errors import DeletionError, UnknownUser
from bazaar.models import DeletionRequest, User
from bazaar.rights import has_rights_beyond
from maintenance.core.errors import NotReady


class RightsBeyondYours(DeletionError):
    message = "The account has rights that you lack, so you cannot request its deletion."


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
        if is_confirmed(request):
            self._request_all(request, keys, anonymize=anonymize)
            return None
        if not keys:
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
        )

    def _request_all(self, request: HttpRequest, keys: list[int], *, anonymize: bool) -> None:
        """Make a request for each user by itself: a refused one does not stop the others."""
        users, made = User.objects.in_bulk(keys), []
        for pk in keys:
            try:
                made.append(self._request_one(request, users.get(pk), anonymize=anonymize))
            except (DeletionError, NotReady) as error:
                refusal = _("User %(id)s: %(why)s") % {"id": pk, "why": _(str(error))}
                self.message_user(request, refusal, WARNING)
        if made:
            self._tell(request, made)

    @transaction.atomic
    def _request_one(self, request: HttpRequest, user: User | None, *, anonymize: bool) -> DeletionRequest:
        if user is None:
            raise UnknownUser
        if has_rights_beyond(user, current_user(request)):
            raise RightsBeyondYours
        made: DeletionRequest = DeletionRequest.objects.request(user, anonymize=anonymize, by=current_user(request))
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
