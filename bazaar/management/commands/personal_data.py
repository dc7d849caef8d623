"""`manage.py personal_data`: the inventory of personal data, and the verification that an erased person left none."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from bazaar.access.export import export_of, record, write_zip
from bazaar.access.record import as_html, as_markdown, as_text, record_of_processing
from bazaar.deletion_errors import UnknownUser
from bazaar.erasure import collect, examine
from bazaar.erasure.verify import Finding
from bazaar.redaction.policy import NAMES
from bazaar.redaction.sample import sample
from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option, at_least, identifier
from maintenance.cli.refusals import FAILED, USAGE, Refusal, code_of
from maintenance.cli.tables import Column, print_table
from maintenance.engine.preflight import verify_database

Rows = list[dict[str, str]]
SAMPLE = 1_000
LINES: dict[str, Callable[[Rows], Iterator[str]]] = {"text": as_text, "markdown": as_markdown}


class Command(MaintenanceCommand):
    help = (
        "Print the record of processing: what every field holds, for which purpose, on which legal basis, how long and "
        "for whom, how a person's rows are found, and what each mode of erasure does to them. With `verify`, look for "
        "what is left of persons who were erased, and change nothing; with `export`, print what is held about one. "
        "Exit status: 0 nothing is left, 1 something is, 2 wrong usage or no such user."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=[*LINES, "html", "json"], default="text", dest="form")
        parser.add_argument("--personal", action="store_true", help="only fields that say something about a person")
        actions = parser.add_subparsers(dest="action", metavar="verify | export | metadata")
        verification = actions.add_parser("verify", help="look for what is left of persons who were erased")
        verification.add_argument("--user", type=identifier, metavar="ID", help="of this user only, erased or not")
        verification.add_argument(
            "--address",
            action="append",
            default=[],
            dest="addresses",
            metavar="ADDRESS",
            help="an e-mail address that the user of --user had: search for it too (it is not stored)",
        )

        metadata = actions.add_parser("metadata", help="tell which keys the metadata of audit logs has, without values")
        metadata.add_argument(
            "--sample",
            type=at_least(1, int),
            nargs="?",
            const=SAMPLE,
            default=SAMPLE,
            metavar="N",
            help=f"look at the newest N logs (default {SAMPLE})",
        )
        export = actions.add_parser("export", help="export what is held about a person, without credentials")
        export.add_argument("user_id", type=identifier, metavar="USER_ID")
        export.add_argument("--zip", type=Path, metavar="FILE", help="write a ZIP archive with the files, too")
        add_json_option(parser, verification, export, metadata)

    def handle(self, *, action: str | None, form: str, json: bool, **options: Any) -> None:
        if action == "verify":
            self._verify(options["user"], options["addresses"])
            return
        if action == "export":
            self._export(options["user_id"], options["zip"])
            return
        if action == "metadata":
            self._metadata(options["sample"])
            return
        rows = record_of_processing(collect(), personal_only=options["personal"])
        if json or form == "json":
            self.print_json(rows)
            return
        if form == "html":
            self.print_unfolded(as_html(rows, is_alone=True))
            return
        for line in LINES[form](rows):
            self.say(line)

    def _metadata(self, limit: int) -> None:
        verify_database()
        found = sample(limit)
        if self.is_json:
            touched = ({name: seen.touched[name] for name in NAMES} for seen in found.values())
            keys = zip(found.items(), touched, strict=True)
            self.print_json([{"action": a, "key": k, "seen": seen.count, **t} for ((a, k), seen), t in keys])
            return
        columns = (Column("Action"), Column("Key"), Column("Seen", is_number=True), *map(Column, NAMES))
        rows = [
            (action, key, f"{seen.count:,}", *(_share(seen.touched[name], seen.count) for name in NAMES))
            for (action, key), seen in found.items()
        ]
        print_table(self.stdout, columns, rows)

    def _export(self, user_id: int, archive: Path | None) -> None:
        verify_database()
        try:
            export = export_of(user_id)
        except UnknownUser as error:
            raise Refusal(str(error), code=code_of(error), exit_status=USAGE) from None
        if archive is not None:
            try:
                with open(archive, "xb", opener=_for_the_owner_only) as target:
                    write_zip(export, target)
            except OSError as error:
                raise Refusal.of_usage(f"The archive cannot be written: {(error.strerror or '').lower()}.") from None
        record(export, None)
        if self.is_json or archive is None:
            self.print_json(export)
        else:
            for name, number in export.by_category().items():
                self.say(f"{name}: {number:,}")

    def _verify(self, user_id: int | None, addresses: list[str]) -> None:
        verify_database()
        if addresses and user_id is None:
            raise Refusal.of_usage("--address needs --user: whose address is it?")
        try:
            verification = examine(user_id, addresses=addresses)
        except UnknownUser as error:
            raise Refusal(str(error), code=code_of(error), exit_status=USAGE) from None
        findings = verification.findings
        if self.is_json:
            self.print_json(findings)
        else:
            for finding in findings:
                self.say(str(finding))
            self.say("Something is left." if findings else "Nothing is left.")
        for sentence in verification.limits:
            self.complain(sentence)
        if findings:
            sys.exit(FAILED)


def _for_the_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _share(touched: int, seen: int) -> str:
    """Say what a policy does to the values of a key."""
    return "keeps" if not touched else "removes" if touched == seen else f"{touched} removed"


def _line(finding: Finding) -> str:
    ids = ", ".join(map(str, finding.ids)) + (", ..." if finding.count > len(finding.ids) else "")
    return f"User {finding.user_id}: {finding.count} of {finding.model} ({', '.join(finding.fields)}): {ids}"
