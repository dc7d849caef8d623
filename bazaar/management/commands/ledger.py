"""`manage.py ledger`: the record of decisions about persons, outside of the main database."""

import json
import sys
from typing import Any

from django.core.management.base import CommandParser

from bazaar.decisions.replay import Replay, replay, restart
from bazaar.decisions.state import current_mark, read_state, unconfirmed
from bazaar.ledger.chain import breaks, documents
from bazaar.ledger.models import Entry
from bazaar.ledger.writer import available
from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option
from maintenance.cli.refusals import FAILED
from maintenance.core.counting import counted
from maintenance.core.time_text import minute
from maintenance.engine.preflight import verify_database

ENTRIES = ("entry", "entries")


class Command(MaintenanceCommand):
    help = (
        "Check, export or replay the ledger, in which each decision about a person is an entry. `replay` brings a "
        "database that was restored from a backup up to date. `restart` begins anew after the ledger was lost. "
        "Exit status: 0 done, 1 the chain is broken or an entry contradicts the database, 78 the ledger cannot be used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="check | export | replay | restart")
        check = actions.add_parser("check", help="walk the chain of entries, and say where it is broken")
        actions.add_parser("export", help="print each entry as a line of JSON")
        again = actions.add_parser("replay", help="carry out the decisions that this database has not seen")
        again.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
        anew = actions.add_parser("restart", help="begin anew, because the ledger lacks what this database has seen")
        add_json_option(parser, check, again, anew)

    def handle(self, *, action: str, **options: Any) -> None:
        verify_database()
        getattr(self, action)(options)

    def check(self, options: dict[str, Any]) -> None:  # type: ignore[override] # Django's own is not used here
        del options
        mark = current_mark()
        with available():
            found = list(breaks({mark.number: mark.digest} if mark.number else {}))
            entries, waiting = Entry.objects.count(), list(unconfirmed())
        refusal = read_state(mark).refusal
        if self.is_json:
            rows = [{"entry": item.number, "sentence": f"Entry {item.number} {item.sentence}."} for item in found]
            self.print_json(
                {
                    "entries": entries,
                    "breaks": rows,
                    "unconfirmed": waiting,
                    "seen": mark.number,
                    "refusal": str(refusal or ""),
                }
            )
        else:
            for item in found:
                self.say(f"Entry {item.number} {item.sentence}.")
            self.say(f"{counted(entries, ENTRIES)}. {'The chain is broken.' if found else 'The chain is whole.'}")
            if waiting:
                self.say(f"Entries without a confirmation: {', '.join(map(str, waiting))}.")
            if refusal:
                self.complain(str(refusal))
        if found:
            sys.exit(FAILED)

    def export(self, options: dict[str, Any]) -> None:
        del options
        with available():
            for document in documents():
                self.print_unfolded(json.dumps(document))

    def replay(self, options: dict[str, Any]) -> None:
        result = replay(dry_run=options["dry_run"])
        if self.is_json:
            self.print_json(
                {
                    "dry_run": options["dry_run"],
                    "entries": result.entries,
                    "done": dict(sorted(result.done.items())),
                    "unchanged": result.unchanged,
                    "absent": result.absent,
                    "conflicts": result.conflicts,
                    "expired": result.expired,
                }
            )
        else:
            self._say_replayed(result, is_dry=options["dry_run"])
        if result.conflicts:
            sys.exit(FAILED)

    def _say_replayed(self, result: Replay, *, is_dry: bool) -> None:
        if not result.entries:
            self.say("This database has seen all entries: there is nothing to replay.")
            return
        self.say(f"{'Would replay' if is_dry else 'Replayed'} {counted(result.entries, ENTRIES)}.")
        if result.expired:
            self.complain(
                f"Entries up to {result.expired} have expired: if the backup is older, decisions in them are lost."
            )
        for kind, number in sorted(result.done.items()):
            self.say(f"  {kind}: {number:,}")
        if result.unchanged:
            self.say(f"  as decided already: {result.unchanged:,}")
        if result.absent:
            self.say(f"  about persons who are not in this database: {result.absent:,}")
        if result.conflicts:
            numbers = ", ".join(map(str, result.conflicts))
            self.complain(f"These entries contradict the accounts with their ids, which were left alone: {numbers}.")
        if result.done["erasing"]:
            self.say("Now run `manage.py finalize_deletions`, which erases who had been erased.")

    def restart(self, options: dict[str, Any]) -> None:
        del options
        entry = restart()
        if self.is_json:
            self.print_json({"entry": entry and entry.number, "made_at": entry and entry.made_at})
        elif entry is None:
            self.say("The ledger has all that this database has seen: nothing was changed.")
        else:
            self.say(f"The ledger begins anew with entry {entry.number} ({minute(entry.made_at)}).")
