"""Two populations alike: what one run does to the first, runs that are killed in the middle must do to the second."""

import signal
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, models
from django.utils.functional import cached_property

from bazaar.audit_trail import ACTION
from bazaar.models import AuditLog
from maintenance.core import registry
from maintenance.models import JobRun

Status = JobRun.Status

SLOW = {"MAINTENANCE_BATCH_PAUSE": "0.01"}
FAST = {"MAINTENANCE_BATCH_SECONDS": "0.1"}

RUNS = {"maintenance.JobRun", "searches.ChangedRow"}
LEDGER = {"ledger", "decisions"}
"""It also says which entries a killed run has left, and what became of them."""
WHEN = {"anonymized_at", "completed_at", "last_attempt_at", "condemned_at", "updated_at", "closing_notice_at"}
"""Moments of the run: only whether they are set is compared."""
BY_CHANCE = {"session_key", "session_data"}
"""What nobody may guess is different in each population."""
MADE_BY_RUNS = ("account.erased",)
"""Audit entries whose own ids and dates are those of the run."""


def begin_anew(folder):
    """Empty the tables and the storage; ids begin with 1 again, so that twins have the same."""
    ours = [model for model in apps.get_models(include_auto_created=True) if is_filled_by_people(model)]
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in ours)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    for path in folder.iterdir():
        path.unlink()


def is_filled_by_people(model):
    return model._meta.app_label in {"bazaar", "maintenance", "admin"} and not model._meta.proxy


def end_state():
    """Return all rows of all tables, decoded, and all files, without what two runs cannot have alike."""
    state = Counter()
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label not in RUNS and model._meta.app_label not in LEDGER and not model._meta.proxy:
            fields = [field for field in model._meta.concrete_fields if not is_by_chance(field)]
            for row in model._base_manager.values(*(field.attname for field in fields)):
                state[model._meta.label, comparable(row, fields)] += 1
    state.update(("file", digest(name)) for name in default_storage.listdir("")[1])
    state.subtract([entry for entry in state if is_trail(entry)])
    return +state


def is_by_chance(field):
    return field.name in BY_CHANCE or (
        field.name == "public_id" and field.model._meta.label == "bazaar.DeletionRequest"
    )


def is_trail(entry):
    return entry[0] == "bazaar.AuditLog" and f"'action': {ACTION!r}" in entry[1]


def comparable(row, fields):
    made_by_a_run = row.get("action") in MADE_BY_RUNS
    values = {}
    for field in fields:
        value = row[field.attname]
        if field.name in WHEN:
            value = value is not None
        elif field.name == "password":
            value = not value.startswith("!")
        elif field.name == "token_hash" and field.model._meta.label == "bazaar.Invitation":
            value = len(value)
        elif isinstance(field, models.FileField):
            value = digest(value) if default_storage.exists(value) else "no file"
        elif made_by_a_run and field.name in {"id", "created_at"}:
            continue
        values[field.name] = value
    return repr(values)


def digest(name):
    with default_storage.open(name) as file:
        return sha256(file.read()).hexdigest()[:16]


class Twins:
    """A job, and a way to make its population, twice the same; `start`, `expire` and `chance` are the fixtures."""

    def __init__(self, name, populate, folder, start, expire, chance):
        self.job, self.populate, self.folder = registry.get(name), populate, Path(folder)
        self.expire, self.chance = expire, chance
        self._start = start
        self.mid_kills = 0

    def undisturbed(self):
        """Make the first, and let one run do it all; return the end state, and what the run counted."""
        begin_anew(self.folder)
        self.populate()
        before = end_state()
        self.finish()
        assert JobRun.objects.get().status == Status.SUCCEEDED
        after = end_state()
        assert after != before, "the run did nothing"
        return after, self.counts

    def disturbed(self, kills, first=lambda: None):
        """Make the second, kill so many runs, and let another one finish; return the same of all runs together.

        `first` is called before that, and may kill one at a moment of its choice.
        """
        begin_anew(self.folder)
        self.populate()
        first()
        for _ in range(kills):
            self.kill_one()
        self.finish()
        return end_state(), self.counts

    def finish(self):
        ended = self.start(**FAST).wait()
        assert ended.status == 0, ended

    def start(self, **variables):
        return self._start(self.job.command, UPLOADS_PATH=self.folder, **variables)

    def kill_one(self):
        """Start a run and kill it: mostly in the middle of its work, sometimes before it has begun."""
        command = self.start(**SLOW)
        if not self.mid_kills:  # at least one hits the middle
            self._wait_for_work(command, 1)
        elif self.chance.random() < 0.85:
            self._wait_for_work(command, self.chance.choice([0, 1, 1]))
            time.sleep(self.chance.uniform(0, 0.3))
        else:
            time.sleep(self.chance.uniform(0, 1))
        command.signal(signal.SIGKILL)
        assert command.wait().status == -signal.SIGKILL, "it was done before it could be killed: make more to do"
        killed = JobRun.objects.filter(pid=command.process.pid, status=Status.RUNNING).first()
        self.mid_kills += bool(killed and 0 < killed.items_done < killed.items_due)
        self.expire()

    def kill_when(self, is_now, **variables):
        """Start a run, and kill it as soon as `is_now` says so."""
        command = self.start(**SLOW | variables)
        deadline = time.monotonic() + 120
        while not is_now():
            assert not command.has_ended(), command.wait()
            assert time.monotonic() < deadline, "the moment did not come"
            time.sleep(0.002)
        command.signal(signal.SIGKILL)
        assert command.wait().status == -signal.SIGKILL
        self.expire()

    def _wait_for_work(self, command, items):
        deadline = time.monotonic() + 120
        on = JobRun.objects.filter(status=Status.RUNNING, pid=command.process.pid, items_done__gte=items)
        while not (on.exists() or command.has_ended()):
            assert time.monotonic() < deadline, "it did not begin"
            time.sleep(0.002)

    @cached_property
    def _runs(self):
        return JobRun.objects.filter(job=self.job.name)

    @property
    def counts(self):
        """What all runs together counted."""
        total = Counter(items=sum(run.items_done for run in self._runs.all()))
        for run in self._runs.all():
            total.update(run.details.get("counts", {}))
        return total

    def assert_runs_are_exact(self):
        """Every run ended, none lost count, and the audit trail says the same as the runs."""
        assert set(self._runs.values_list("status", flat=True)) == {Status.CRASHED, Status.SUCCEEDED}
        assert self._runs.filter(status=Status.SUCCEEDED).count() == 1
        trail = AuditLog.objects.filter(action=ACTION).values_list("resource_id", "metadata")
        told = {str(run.pk): run.details["counts"] for run in self._runs.all() if run.details.get("counts")}
        assert trail, "nobody would know of it"
        for run_id, metadata in trail:
            assert metadata["counts"].items() <= told[run_id].items()
        in_trail = {run_id for run_id, _ in trail}
        assert {str(run.pk) for run in self._runs.filter(items_done__gt=0)} <= in_trail
        assert len(in_trail) == len(trail), "one entry a run"


def differences(one, other):
    """Return what only one of two end states has, the first few; nothing where they are the same."""
    sides = {"only the first": one - other, "only the second": other - one}
    return {side: sorted(rows)[:5] for side, rows in sides.items() if rows}
