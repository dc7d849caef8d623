from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option, day
from maintenance.cli.refusals import Refusal
from maintenance.cli.tables import DASH, Column, print_table
from maintenance.core.clock import database_now
from maintenance.core.counting import counted
from maintenance.engine.preflight import verify_database
from maintenance.reporting.period import Period, PeriodReport, report_of
from maintenance.reporting.period_csv import as_csv
from maintenance.reporting.sections import Section

FIGURES = tuple(Column(title, is_number=True) for title in ("Due", "Done", "Unchanged", "Late", "Held"))
LIMITS = (Column("Job", is_whole=True, only_wide=True), Column("Setting", is_whole=True), *FIGURES)
JOBS = (
    Column("Job", is_whole=True),
    *(Column(title, is_number=True) for title in ("Runs", "Failures", "Missed", "Failed items", "Done")),
)
UNDATED = ("run was", "runs were")


class Command(MaintenanceCommand):
    help = (
        "Report on a period: by age limit what was due, done, late and held, runs that failed or were missed, and what "
        "the project adds. By default the last whole month."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=day, metavar="DAY", help="first day (UTC), as 2026-01-01")
        parser.add_argument("--to", dest="last", type=day, metavar="DAY", help="last day (UTC), as 2026-01-31")
        forms = parser.add_mutually_exclusive_group()
        add_json_option(forms)
        forms.add_argument("--csv", action="store_true", help="print comma-separated values, and nothing else")

    def handle(self, *, first: date | None, last: date | None, json: bool, csv: bool, **_options: Any) -> None:
        verify_database()
        report = report_of(_period(first, last))
        if json:
            return self.print_json(report)
        return self.print_unfolded(as_csv(report)) if csv else self._print(report)

    def _print(self, report: PeriodReport) -> None:
        self.say(f"Report for {report.period.first} to {report.period.last} (UTC)")
        if report.undated:
            self.say(f"{counted(report.undated, UNDATED)} deleted before totals were kept by day: not among these.")
        limits = [
            (line.job, line.setting or f"{line.job}: other", *map(_number, _shown(line.units)))
            for line in report.limits
        ]
        print_table(self.stdout, LIMITS, limits, title="\nAge limits")
        jobs = [
            (
                line.job,
                *map(_number, (figures.runs, figures.failures, figures.missed, figures.failed, figures.units.done)),
            )
            for line in report.jobs
            for figures in [line.figures]
        ]
        print_table(self.stdout, JOBS, jobs, title="\nRuns")
        for section in report.sections:
            self._print_section(section)

    def _print_section(self, section: Section) -> None:
        columns = [Column(heading, is_whole=True) for heading in section.columns.values()]
        rows = [[str(row.get(name, "")) for name in section.columns] for row in section.rows]
        if rows:
            print_table(self.stdout, columns, rows, title=f"\n{section.title}")
        else:
            self.say()
            self.say(section.title)
        for figure in section.figures:
            self.say(f"{figure.label}: {_text(figure.value)}")


def _period(first: date | None, last: date | None) -> Period:
    """Return the period of the options: both, or none."""
    if first is None and last is None:
        return Period.of_last_month(database_now())
    if first is None or last is None:
        raise Refusal.of_usage("Give both days, --from and --to, or none for the last whole month.")
    try:
        return Period(first, last)
    except ValueError as error:
        raise Refusal.of_usage(str(error)) from error


def _shown(units: Any) -> tuple[int, ...]:
    return units.due, units.done, units.unchanged, units.late, units.held


def _number(number: int) -> str:
    return f"{number:,}"


def _text(value: str | float | None) -> str:
    return DASH if value is None else str(value) if isinstance(value, str) else f"{value:,}"
