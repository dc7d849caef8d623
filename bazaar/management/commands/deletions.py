"""`manage.py deletions`: requests to delete an account, by id."""

import json
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bazaar.models import DeletionRequest, User
from bazaar.models.deletions import DeletionError

COLUMNS = ("id", "user", "mode", "status", "requested_at", "scheduled_for", "attempts", "last_error")
USAGE_ERROR = 2


class Command(BaseCommand):
    help = (
        "Ask for the deletion of an account, list requests, show or cancel one. A request is carried out by the job "
        "finalize-deletions after its scheduled date; until then it can be cancelled. Persons are named by their id. "
        "Exit status: 0 done, 1 refused, 2 wrong usage or no such user or request."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="request | list | show | cancel")
        request = actions.add_parser("request", help="ask for a deletion; the grace period starts now")
        request.add_argument("user_id", type=_id, metavar="USER_ID")
        request.add_argument(
            "--full",
            action="store_true",
            help="delete everything that the person made, too; otherwise it stays, as made by [Deleted User]",
        )
        listing = actions.add_parser("list", help="list requests, the next one to be carried out first")
        listing.add_argument("--status", choices=DeletionRequest.Status.values, default="pending")
        show = actions.add_parser("show", help="show a request with its evidence")
        show.add_argument("request_id", type=_id, metavar="ID")
        cancel = actions.add_parser("cancel", help="cancel a request that has not been carried out")
        cancel.add_argument("request_id", type=_id, metavar="ID")
        cancel.add_argument("--reason", choices=DeletionRequest.CancelReason.values, required=True)
        for action in (request, listing, show, cancel):
            action.add_argument("--json", action="store_true", dest="as_json", help="print JSON and nothing else")

    def handle(self, *, action: str, as_json: bool, **options: Any) -> None:
        self.as_json = as_json
        try:
            getattr(self, action)(options)
        except DeletionError as error:
            raise CommandError(str(error)) from None

    def request(self, options: dict[str, Any]) -> None:
        user = User.objects.filter(pk=options["user_id"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user_id']}.", returncode=USAGE_ERROR)
        request = DeletionRequest.objects.request(user, anonymize=not options["full"])
        self._print(
            request, f"Deletion request {request.pk}: user {user.pk} goes after {request.scheduled_for:%F %T} UTC."
        )

    def list(self, options: dict[str, Any]) -> None:
        requests = DeletionRequest.objects.filter(status=options["status"]).order_by("scheduled_for", "pk")
        rows = [_row(request) for request in requests]
        if self.as_json:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            self.stdout.write("  ".join(f"{name}={row[name]}" for name in COLUMNS if row[name] != ""))
        self.stdout.write(f"{len(rows)} {options['status']} deletion request{'' if len(rows) == 1 else 's'}.")

    def show(self, options: dict[str, Any]) -> None:
        request = self._get(options["request_id"])
        self._print(request, "\n".join(f"{name}: {value}" for name, value in _details(request).items() if value != ""))

    def cancel(self, options: dict[str, Any]) -> None:
        request = self._get(options["request_id"])
        DeletionRequest.objects.cancel(request, reason=options["reason"])
        self._print(request, f"Cancelled deletion request {request.pk}; user {request.user_pk} stays.")

    def _get(self, request_id: int) -> DeletionRequest:
        request: DeletionRequest | None = DeletionRequest.objects.filter(pk=request_id).first()
        if request is None:
            raise CommandError(f"There is no deletion request {request_id}.", returncode=USAGE_ERROR)
        return request

    def _print(self, request: DeletionRequest, sentence: str) -> None:
        self.stdout.write(json.dumps(_details(request)) if self.as_json else sentence)


def _id(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) >= 2**63:
        raise ArgumentTypeError("an id is a whole number.")
    return int(value)


def _row(request: DeletionRequest) -> dict[str, Any]:
    return {
        "id": request.pk,
        "user": request.user_pk,
        "mode": "anonymise" if request.anonymize_contributions else "delete",
        "status": request.status,
        "requested_at": request.requested_at.isoformat(),
        "scheduled_for": request.scheduled_for.isoformat(),
        "attempts": request.attempts,
        "last_error": request.last_error,
    }


def _details(request: DeletionRequest) -> dict[str, Any]:
    times = {name: getattr(request, name) for name in ("completed_at", "cancelled_at", "last_attempt_at")}
    return {
        **_row(request),
        **{name: time.isoformat() if time else "" for name, time in times.items()},
        "cancelled_by": request.cancelled_by_id or "",
        "cancel_reason": request.cancel_reason,
        "evidence": request.evidence,
    }
