import sys
from collections.abc import Callable, Sequence
from typing import Any

from django.core.management.base import CommandParser

from maintenance.alert_models import AlertDelivery, AlertKind, AlertStatus
from maintenance.alerts import sending
from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.documents import error_of
from maintenance.cli.options import add_json_option, at_least
from maintenance.cli.refusals import EX_CONFIG, FAILED, Refusal
from maintenance.cli.tables import DASH, Column, print_table
from maintenance.core import channels
from maintenance.core.counting import counted
from maintenance.core.time_text import minute
from maintenance.engine.preflight import verify_database

NOT_SENT = "alert-not-sent"
ALERTS = (
    Column("Alert", is_number=True),
    Column("Written", is_whole=True),
    Column("Kind"),
    Column("Channel"),
    Column("State"),
    Column("Attempts", is_number=True, only_wide=True),
    Column("Title", longest=60),
)
NOT_CONFIRMED = ("message was not confirmed", "messages were not confirmed")


class Command(MaintenanceCommand):
    help = "List the messages about trouble and recovery, send a test message, or send what is due."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="action", metavar="ACTION")
        listing = commands.add_parser("list", help="list the channels and the last messages (the default)")
        test = commands.add_parser("test", help="send a test message to each channel; exit status 1 if one fails")
        send = commands.add_parser("send", help="send what is due now; a cluster does it every 10 s")

        add_json_option(parser, listing, test, send)
        listing.add_argument("--limit", type=at_least(1, int), default=20, metavar="N", help="how many (default 20)")
        send.add_argument("--channel", default="", metavar="NAME", help="only this channel")

    def handle(self, *, action: str | None, **options: Any) -> None:
        verify_database()
        actions: dict[str | None, Callable[..., None]] = {
            None: self.list,
            "list": self.list,
            "test": self.test,
            "send": self.send,
        }
        actions[action](**options)

    def list(self, *, json: bool, limit: int = 20, **_options: Any) -> None:
        rows = list(AlertDelivery.objects.all()[:limit])
        names = [channel.name for channel in channels.configured()]
        if json:
            return self.print_json({"channels": names, "alerts": [_document(row) for row in rows]})
        self.say(f"Channels: {', '.join(names)}." if names else "No channel is configured: set ALERT_URLS.")
        if rows:
            self.say()
            print_table(self.stdout, ALERTS, map(_line, rows))
        return None

    def test(self, **_options: Any) -> None:
        if not channels.configured():
            sentence = "No channel is configured: set ALERT_URLS."
            raise Refusal(sentence, code="no-channel", exit_status=EX_CONFIG)
        self._tell_outcome(sending.send_test())

    def send(self, *, channel: str, **_options: Any) -> None:
        if channel and channel not in {each.name for each in channels.configured()}:
            raise Refusal.of_usage(f"There is no channel '{channel}': `manage.py alerts list` names them.")
        self._tell_outcome(sending.send_due([channel] if channel else []))

    def _tell_outcome(self, rows: Sequence[AlertDelivery]) -> None:
        failed = [row for row in rows if row.status != AlertStatus.SENT]
        sentence = f"{len(failed):,} of {counted(len(rows), NOT_CONFIRMED)}: see `manage.py alerts list`."
        if self.is_json:
            error = error_of(NOT_SENT, sentence, FAILED) if failed else {}
            self.print_json({"alerts": [_document(row) for row in rows], **error})
        else:
            for row in rows:
                state = AlertStatus(row.status).label
                self.say(f"{row.channel}: {state}{f' ({row.reason})' if row.reason else ''}.")
            if failed:
                self.complain(sentence)
            elif not rows:
                self.say("No message is due.")
        if failed:
            sys.exit(FAILED)


def _line(row: AlertDelivery) -> tuple[str, ...]:
    state = str(AlertStatus(row.status).label)
    return (
        str(row.pk),
        minute(row.created_at),
        str(AlertKind(row.kind).label),
        row.channel,
        f"{state} ({row.reason})" if row.reason else state,
        str(row.attempts) if row.attempts else DASH,
        row.title,
    )


def _document(row: AlertDelivery) -> dict[str, Any]:
    return {
        "id": row.pk,
        "message": row.message.hex,
        "kind": row.kind,
        "channel": row.channel,
        "status": row.status,
        "title": row.title,
        "created_at": row.created_at,
        "attempts": row.attempts,
        "attempted_at": row.attempted_at,
        "due_at": row.due_at,
        "sent_at": row.sent_at,
        "reason": row.reason,
    }
