"""`manage.py deletions`: requests to delete an account, by id."""

from typing import Any

from django.core.management.base import CommandParser

from bazaar.certificates.certificate import by_category, certificate_of
from bazaar.certificates.document import as_html, as_lines
from bazaar.certificates.find import erasures_of
from bazaar.deletion_errors import DeletionError
from bazaar.deletion_requests import cancel_request, make_request
from bazaar.ledger.choices import ENTERED, Channel
from bazaar.models import DeletionRequest, User
from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option, identifier
from maintenance.cli.refusals import FAILED, USAGE, Refusal, code_of
from maintenance.cli.tables import Column, print_table
from maintenance.core.counting import named
from maintenance.core.time_text import minute
from maintenance.engine.preflight import verify_database

REQUESTS = (
    Column("Request", is_number=True),
    Column("User", is_number=True),
    Column("Mode", is_whole=True),
    Column("Status", is_whole=True, only_wide=True),
    Column("Requested", is_whole=True, only_wide=True),
    Column("Scheduled for", is_whole=True),
    Column("Attempts", is_number=True),
    Column("Last error"),
)
MOMENTS = (
    *("notified_at", "reminded_at", "closing_notice_at"),
    *("approved_at", "completed_at", "cancelled_at", "last_attempt_at"),
)
FACTS = (Column("Field", is_whole=True), Column("Value"))


class Command(MaintenanceCommand):
    help = (
        "Ask for the deletion of an account, list requests, show or cancel one. A request is carried out by the job "
        "finalize-deletions after its scheduled date; until then it can be cancelled. Persons are named by their id. "
        "Exit status: 0 done, 1 refused, 2 wrong usage or no such user or request, 78 something has to be configured."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(
            dest="action", required=True, metavar="request | list | show | cancel | certificate | find"
        )
        request = actions.add_parser("request", help="ask for a deletion; the grace period starts now")
        request.add_argument("user_id", type=identifier, metavar="USER_ID")
        request.add_argument(
            "--full",
            action="store_true",
            help="delete everything that the person made, too; otherwise it stays, as made by [Deleted User]",
        )
        request.add_argument(
            "--channel",
            choices=[value for value, _ in ENTERED],
            default=Channel.OTHER.value,
            help="how the request came in",
        )
        request.add_argument(
            "--verified-by",
            type=identifier,
            metavar="USER_ID",
            help="the member of staff who verified that the request comes from the person",
        )
        listing = actions.add_parser("list", help="list requests, the next one to be carried out first")
        listing.add_argument(
            "--status", choices=DeletionRequest.Status.values, default="pending", help="of those requests only"
        )
        show = actions.add_parser("show", help="show a request with its evidence")
        show.add_argument("request_id", type=identifier, metavar="ID")
        cancel = actions.add_parser("cancel", help="cancel a request that has not been carried out")
        cancel.add_argument("request_id", type=identifier, metavar="ID")
        cancel.add_argument("--reason", choices=DeletionRequest.CancelReason.values, required=True, help="why")
        certificate = actions.add_parser("certificate", help="print the certificate of a request that was carried out")
        certificate.add_argument("request_id", type=identifier, metavar="ID")
        certificate.add_argument("--format", choices=["text", "html", "json"], default="text", dest="form")
        find = actions.add_parser("find", help="find the erasures of persons who had an address, by its digest")
        find.add_argument("address", metavar="ADDRESS")
        add_json_option(parser, request, listing, show, cancel, certificate, find)

    def handle(self, *, action: str, **options: Any) -> None:
        verify_database()
        try:
            getattr(self, action)(options)
        except DeletionError as error:
            raise Refusal(str(error), code=code_of(error), exit_status=FAILED) from None

    def request(self, options: dict[str, Any]) -> None:
        user = User.objects.filter(pk=options["user_id"]).first()
        if user is None:
            raise _unknown("user", options["user_id"])
        request = make_request(
            user, anonymize=not options["full"], by=_staff(options["verified_by"]), channel=options["channel"]
        )
        sentence = f"Deletion request {request.pk}: user {user.pk} goes after {minute(request.scheduled_for)}"
        second = ", once a second person has approved it in the admin" if request.needs_approval else ""
        self._tell(request, f"{sentence}{second}.")

    def list(self, options: dict[str, Any]) -> None:
        requests = DeletionRequest.objects.filter(status=options["status"]).order_by("scheduled_for", "pk")
        if self.is_json:
            return self.print_json([_summary(request) for request in requests])
        rows = [_row(request) for request in requests]
        if rows:
            print_table(self.stdout, REQUESTS, rows)
            self.say()
        self.say(f"{len(rows):,} {options['status']} deletion {named(len(rows), ('request', 'requests'))}.")
        return None

    def show(self, options: dict[str, Any]) -> None:
        request = self._get(options["request_id"])
        if self.is_json:
            return self.print_json(_document(request))
        print_table(self.stdout, FACTS, [(name, value) for name, value in _facts(request) if value])
        counts = _counts(request)
        models = sorted({model for count in counts.values() for model in count})
        if models:
            self.say()
            columns = [Column("Erased records"), *(Column(_title(name), is_number=True) for name in counts)]
            rows = [(model, *(f"{count.get(model, 0):,}" for count in counts.values())) for model in models]
            total = ("Total", *(f"{sum(count.values()):,}" for count in counts.values()))
            print_table(self.stdout, columns, [*rows, total])
        return None

    def cancel(self, options: dict[str, Any]) -> None:
        request = self._get(options["request_id"])
        cancel_request(request, reason=options["reason"])
        self._tell(request, f"Cancelled deletion request {request.pk}; user {request.user_pk} stays.")

    def certificate(self, options: dict[str, Any]) -> None:
        certificate = certificate_of(self._get(options["request_id"]))
        if self.is_json or options["form"] == "json":
            self.print_json(certificate)
        elif options["form"] == "html":
            self.print_unfolded(as_html(certificate, is_alone=True))
        else:
            for line in as_lines(certificate):
                self.say(line, hanging=2)

    def find(self, options: dict[str, Any]) -> None:
        found = erasures_of(options["address"])
        if self.is_json:
            self.print_json(found)
            return
        for erasure in found:
            self.say(str(erasure))
        if not found:
            self.say("The ledger has no erasure of a person with this address.")

    def _get(self, request_id: int) -> DeletionRequest:
        request: DeletionRequest | None = DeletionRequest.objects.filter(pk=request_id).first()
        if request is None:
            raise _unknown("deletion request", request_id)
        return request

    def _tell(self, request: DeletionRequest, sentence: str) -> None:
        if self.is_json:
            self.print_json(_document(request))
        else:
            self.say(sentence)


def _staff(user_id: int | None) -> User | None:
    if user_id is None:
        return None
    user = User.objects.filter(pk=user_id, is_staff=True, is_active=True).first()
    if user is None:
        raise _unknown("member of staff", user_id)
    return user


def _unknown(what: str, number: int) -> Refusal:
    code = f"unknown-{what.replace(' ', '-')}"
    return Refusal(f"There is no {what} {number}.", code=code, exit_status=USAGE)


def _row(request: DeletionRequest) -> tuple[str, ...]:
    return (
        str(request.pk),
        str(request.user_pk),
        _mode(request),
        "waits for approval" if request.is_awaiting_approval else request.status,
        minute(request.requested_at),
        minute(request.scheduled_for),
        f"{request.attempts:,}",
        request.last_error,
    )


def _mode(request: DeletionRequest) -> str:
    return "anonymise" if request.anonymize_contributions else "delete"


def _facts(request: DeletionRequest) -> "list[tuple[str, str]]":
    titles = [column.title for column in REQUESTS]
    evidence = {name: value for name, value in request.evidence.items() if name != "mode"}
    return [
        *zip(titles, _row(request), strict=True),
        *((_title(name), minute(moment) if moment else "") for name, moment in _moments(request).items()),
        ("Last mail", str(request.get_closing_notice_display()) if request.closing_notice else ""),
        ("Came in", str(request.get_channel_display()) if request.channel else ""),
        ("Verified by", f"user {request.verified_by_id}" if request.verified_by_id else ""),
        ("Approved by", f"user {request.approved_by_id}" if request.approved_by_id else ""),
        ("Cancelled by", f"user {request.cancelled_by_id}" if request.cancelled_by_id else ""),
        ("Reason", str(request.get_cancel_reason_display()) if request.cancel_reason else ""),
        *((_title(name), str(value)) for name, value in evidence.items() if isinstance(value, str | int)),
    ]


def _counts(request: DeletionRequest) -> dict[str, dict[str, int]]:
    """Return of the evidence what counts rows, by category."""
    counts = {name: value for name, value in request.evidence.items() if isinstance(value, dict)}
    return {name: by_category(numbers) for name, numbers in counts.items()}


def _title(name: str) -> str:
    return name.removesuffix("_at").replace("_", " ").capitalize()


def _summary(request: DeletionRequest) -> dict[str, Any]:
    same = ("status", "requested_at", "scheduled_for", "attempts", "last_error")
    return {
        "id": request.pk,
        "user": request.user_pk,
        "mode": _mode(request),
        **{name: getattr(request, name) for name in same},
    }


def _document(request: DeletionRequest) -> dict[str, Any]:
    return {
        **_summary(request),
        **{name: moment or "" for name, moment in _moments(request).items()},
        "closing_notice": request.closing_notice,
        "channel": request.channel,
        "verified_by": request.verified_by_id or "",
        "is_awaiting_approval": request.is_awaiting_approval,
        "approved_by": request.approved_by_id or "",
        "cancelled_by": request.cancelled_by_id or "",
        "cancel_reason": request.cancel_reason,
        "evidence": request.evidence,
    }


def _moments(request: DeletionRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in MOMENTS}
