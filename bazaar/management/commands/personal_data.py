"""`manage.py personal_data`: what is kept about people, and whether any of it is left of those who are gone."""

import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bazaar.erasure import collect, verify
from bazaar.erasure.table import COLUMNS, rows_of
from bazaar.models.deletions import UnknownUser

USAGE_ERROR = 2


class Command(BaseCommand):
    help = (
        "Print the inventory of personal data: for every field what it holds, how a person's rows are found, and what "
        "each mode of erasure does to it. With `verify`, look for what is left of persons who were erased, and change "
        "nothing. Exit status: 0 nothing is left, 1 something is, 2 wrong usage or no such user."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=FORMATS, default="text", dest="form", help="of the inventory")
        parser.add_argument("--json", action="store_const", const="json", dest="form", help="the same as --format json")
        actions = parser.add_subparsers(dest="action", metavar="verify")
        verification = actions.add_parser("verify", help="look for what is left of persons who were erased")
        verification.add_argument("--user", type=int, metavar="ID", help="of this user only, erased or not")
        verification.add_argument("--json", action="store_true", dest="as_json", help="print JSON and nothing else")

    def handle(self, *, action: str | None, form: str, **options: Any) -> None:
        if action == "verify":
            self._verify(options["user"], as_json=options["as_json"])
        else:
            self.stdout.write(FORMATS[form](rows_of(collect())))

    def _verify(self, user_id: int | None, *, as_json: bool) -> None:
        try:
            findings = verify(user_id)
        except UnknownUser as error:
            raise CommandError(str(error), returncode=USAGE_ERROR) from None
        if as_json:
            self.stdout.write(json.dumps([finding.as_json() for finding in findings]))
        else:
            for finding in findings:
                ids = ", ".join(map(str, finding.ids)) + (", ..." if finding.count > len(finding.ids) else "")
                fields = ", ".join(finding.fields)
                self.stdout.write(f"User {finding.user_id}: {finding.count} of {finding.model} ({fields}): {ids}")
            self.stdout.write("Something is left." if findings else "Nothing is left.")
        if findings:
            raise SystemExit(1)


def _text(rows: list[dict[str, str]]) -> str:
    result = []
    model = ""
    for row in rows:
        if row["model"] != model:
            result.append(model := row["model"])
        result.append(f"  {row['field']:24} {row['holds']}")
        if row["found"]:
            result.append(f"  {'':24} {row['found']}: {row['anonymise']} / {row['delete']}")
        if row["note"]:
            result.append(f"  {'':24} ({row['note']})")
    return "\n".join(["Model, field, what it holds; how it is found: anonymise / delete", "", *result])


def _markdown(rows: list[dict[str, str]]) -> str:
    head = ["| " + " | ".join(COLUMNS) + " |", "| " + " | ".join("---" for _ in COLUMNS) + " |"]
    return "\n".join(head + ["| " + " | ".join(row[name] for name in COLUMNS) + " |" for row in rows])


FORMATS: dict[str, Callable[[list[dict[str, str]]], str]] = {"text": _text, "markdown": _markdown, "json": json.dumps}
