"""`manage.py holds`: legal holds on persons, by id."""

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from bazaar.deletion_errors import DeletionError
from bazaar.holds.models import Hold
from bazaar.holds.service import release, set_hold
from bazaar.models import DeletionRequest, User
from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option, identifier
from maintenance.cli.refusals import FAILED, USAGE, Refusal, code_of
from maintenance.cli.tables import Column, print_table
from maintenance.core.counting import counted
from maintenance.core.time_text import minute
from maintenance.engine.preflight import verify_database

COLUMNS = (
    Column("Hold", is_number=True),
    Column("User", is_number=True),
    Column("Request", is_number=True, only_wide=True),
    Column("Reason", is_whole=True),
    Column("Set", is_whole=True, only_wide=True),
    Column("Review", is_whole=True),
    Column("Released", is_whole=True),
)


class Command(MaintenanceCommand):
    help = (
        "Set, list and release legal holds. While one lasts, the person is not erased, and no job deletes or changes "
        "rows of theirs. Exit status: 0 done, 1 refused, 2 wrong usage or no such user, request or hold, 78 something "
        "has to be configured."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="set | list | release")
        new = actions.add_parser("set", help="hold the data of a person")
        whom = new.add_mutually_exclusive_group(required=True)
        whom.add_argument("user_id", type=identifier, nargs="?", metavar="USER_ID")
        whom.add_argument("--request", type=identifier, metavar="ID", help="the person of this deletion request")
        new.add_argument("--reason", choices=Hold.Reason.values, required=True, help="why")
        new.add_argument("--review", type=_day, required=True, metavar="YYYY-MM-DD", help="when to look at it again")
        listing = actions.add_parser("list", help="list the holds that last")
        listing.add_argument("--all", action="store_true", help="the released ones too")
        end = actions.add_parser("release", help="end a hold; the next runs do what has become due")
        end.add_argument("hold_id", type=identifier, metavar="ID")
        add_json_option(parser, new, listing, end)

    def handle(self, *, action: str, **options: Any) -> None:
        verify_database()
        try:
            getattr(self, action)(options)
        except DeletionError as error:
            raise Refusal(str(error), code=code_of(error), exit_status=FAILED) from None

    def set(self, options: dict[str, Any]) -> None:
        request = None
        user_id = options["user_id"]
        if options["request"]:
            request = DeletionRequest.objects.filter(pk=options["request"]).first()
            if request is None:
                raise _unknown("deletion request", options["request"])
            user_id = request.user_pk
        user = User.objects.filter(pk=user_id).first()
        if user is None:
            raise _unknown("user", user_id)
        hold = set_hold(user, reason=options["reason"], review_on=options["review"], request=request)
        self._tell(hold, f"Legal hold {hold.pk}: the data of user {hold.user_id} is kept.")

    def list(self, options: dict[str, Any]) -> None:
        holds = Hold.objects.order_by("review_on", "pk")
        holds = holds if options["all"] else holds.active()
        if self.is_json:
            return self.print_json([_document(hold) for hold in holds])
        rows = [_row(hold) for hold in holds]
        if rows:
            print_table(self.stdout, COLUMNS, rows)
            self.say()
        self.say(f"{counted(len(rows), ('legal hold', 'legal holds'))}.")
        return None

    def release(self, options: dict[str, Any]) -> None:
        hold = Hold.objects.filter(pk=options["hold_id"]).first()
        if hold is None:
            raise _unknown("legal hold", options["hold_id"])
        release(hold)
        self._tell(hold, f"Released legal hold {hold.pk}; the next runs do what has become due.")

    def _tell(self, hold: Hold, sentence: str) -> None:
        if self.is_json:
            self.print_json(_document(hold))
        else:
            self.say(sentence)


def _day(text: str) -> date:
    """Return a day. argparse tells a `ValueError`, with the name of this function."""
    return date.fromisoformat(text)


def _unknown(what: str, number: int) -> Refusal:
    return Refusal(f"There is no {what} {number}.", code=f"unknown-{what.replace(' ', '-')}", exit_status=USAGE)


def _row(hold: Hold) -> tuple[str, ...]:
    return (
        str(hold.pk),
        str(hold.user_id or ""),
        str(hold.request_id or ""),
        hold.reason,
        minute(hold.set_at),
        hold.review_on.isoformat(),
        minute(hold.released_at) if hold.released_at else "",
    )


def _document(hold: Hold) -> dict[str, Any]:
    return {
        "id": hold.pk,
        "user": hold.user_id,
        "request": hold.request_id,
        "reason": hold.reason,
        "set_at": hold.set_at,
        "set_by": hold.set_by_id,
        "review_on": hold.review_on,
        "released_at": hold.released_at,
        "released_by": hold.released_by_id,
    }
