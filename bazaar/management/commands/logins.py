"""`manage.py logins`: which attempts to log in are refused, and how to lift it."""

import argparse
from ipaddress import ip_network
from typing import Any

from django.core.management.base import CommandParser

from bazaar.locks import Lock, lift, locks
from bazaar.models import User
from bazaar.places import place_of
from bazaar.throttle import failures
from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option, identifier
from maintenance.cli.refusals import USAGE, Refusal
from maintenance.cli.tables import Column, print_table
from maintenance.core.counting import counted
from maintenance.core.time_text import minute
from maintenance.engine.preflight import verify_database

COLUMNS = (
    Column("Locked", is_whole=True),
    Column("User", is_number=True),
    Column("Place", is_whole=True),
    Column("Failures", is_number=True),
    Column("Until", is_whole=True),
)


def place(text: str) -> str:
    """Return the place of an IP address or a network, as `logins list` shows it."""
    try:
        return place_of(str(ip_network(text, strict=False).network_address))
    except ValueError:
        raise argparse.ArgumentTypeError("it may be an IP address, or a place that `logins list` shows") from None


class Command(MaintenanceCommand):
    help = (
        "List the log-ins that are refused after too many failures, or let failures count no more. Accounts are named "
        "by their id; a place is an IPv4 address or the /64 network of an IPv6 address, which is personal data. Exit "
        "status: 0 done, 2 wrong usage or no such user, 78 something has to be configured."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="list | unlock")
        listing = actions.add_parser("list", help="list what is locked, and until when")
        unlock = actions.add_parser("unlock", help="let the failures of an account, of a place, or all count no more")
        which = unlock.add_mutually_exclusive_group(required=True)
        which.add_argument("--user", type=identifier, metavar="USER_ID", help="those of an account, from all places")
        which.add_argument("--place", type=place, metavar="ADDRESS", help="those from a place, of all accounts")
        which.add_argument("--all", action="store_true", help="all")
        add_json_option(parser, listing, unlock)

    def handle(self, *, action: str, **options: Any) -> None:
        verify_database()
        if action == "list":
            self._list(locks())
        else:
            self._unlock(options)

    def _list(self, found: list[Lock]) -> None:
        if self.is_json:
            self.print_json(found)
            return
        if found:
            print_table(self.stdout, COLUMNS, [_row(lock) for lock in found])
            self.say()
        self.say(f"{counted(len(found), ('lock', 'locks'))}.")

    def _unlock(self, options: dict[str, Any]) -> None:
        attempts = failures()
        if options["user"] is not None:
            user = User.objects.filter(pk=options["user"]).first()
            if user is None:
                raise Refusal(f"There is no user {options['user']}.", code="unknown-user", exit_status=USAGE)
            attempts = attempts.filter(email=user.email)
        elif options["place"]:
            attempts = attempts.filter(network=options["place"])
        number = lift(attempts)
        if self.is_json:
            self.print_json({"failures": number})
        else:
            self.say(f"{counted(number, ('failure counts', 'failures count'))} no more.")


def _row(lock: Lock) -> tuple[str, ...]:
    user = "" if lock.user is None else str(lock.user)
    return lock.kind, user, lock.place, f"{lock.failures:,}", minute(lock.until)
