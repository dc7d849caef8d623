"""What if each age limit were another: the answer is that of a dry run after the setting is changed."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bazaar.holds.models import Hold
from bazaar.ledger.choices import Kind
from bazaar.ledger.models import Entry
from bazaar.ledger.writer import Draft, append
from bazaar.models import AuditLog, ClosingMail, Invitation, LoginAttempt, PushToken, Upload
from maintenance.core import registry
from maintenance.core.database import is_postgresql
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.reporting.assumptions import assumed_values
from maintenance.reporting.what_if import DAYS, what_if
from tests import factories
from tests.bazaar.jobs.retention_policies import MAKERS, MOMENT, NOW, make_audit_log, make_invitation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]


def make_answered(moment):
    return make_invitation(moment, accepted_at=moment)


def make_released(moment):
    return Hold.objects.create(reason="authority", status="released", released_at=moment)


def make_upload(moment):
    return factories.make(Upload, created_at=moment)


def make_entry(moment):
    with time_machine.travel(moment, tick=False):
        append(Draft(Kind.ERASING, uuid.uuid4(), counts={"account": (1, 0)}))


def make_closing_mail(moment):
    request = factories.DeletionRequestFactory(scheduled_for=NOW + timedelta(days=90))
    return ClosingMail.objects.create(request=request, sealed_address="x", made_at=moment, due_at=NOW)


LIMITS = registry.age_limits()
MAKER_OF = {
    **{policy.setting or policy.retention.setting: policy.maker for policy in MAKERS.values()},
    "AUDIT_LOG_ANONYMIZE_YEARS": make_audit_log,
    "ANSWERED_INVITATION_RETENTION_DAYS": make_answered,
    "RELEASED_HOLD_RETENTION_YEARS": make_released,
    "ORPHANED_FILE_RETENTION_DAYS": make_upload,
    "LEDGER_RETENTION_YEARS": make_entry,
    "CLOSING_MAIL_RETENTION_DAYS": make_closing_mail,
}
ALSO_READ = {"DELETION_EVIDENCE_RETENTION_YEARS": {"cleanup-ledger"}}
"""Settings of one job that another one reads, too."""
ASSUMED = [
    (name, value)
    for name, limit in LIMITS.items()
    for value in (limit.default - 1, limit.default + 1)
    if value and (name, value) != ("AUDIT_LOG_ANONYMIZE_YEARS", 3)
]


def cutoff(name, value, now=NOW):
    return now - relativedelta(**{LIMITS[name].unit: value})


def dry_run(job, now=NOW):
    run = JobRun.objects.get(pk=run_now(job, dry_run=True, now=now).run_id)
    assert run.status == "succeeded", run.message
    return run.items_due


def jobs_of(name):
    return {job.name for job in registry.all_jobs() if LIMITS[name] in job.retentions} | ALSO_READ.get(name, set())


def test_every_setting_has_rows_in_this_test():
    assert set(MAKER_OF) == set(LIMITS)
    assert {name for name, _ in ASSUMED} == set(LIMITS)


@pytest.fixture
def around():
    """Rows on both sides of the present and of the assumed cutoff, of a month later, and of a day later."""

    def make(name, value):
        limits = (value, LIMITS[name].default)
        nows = (NOW, NOW + timedelta(days=1), NOW + timedelta(days=DAYS))
        cutoffs = {cutoff(name, limit, now) for limit in limits for now in nows}
        ages = {moment + distance for moment in cutoffs for distance in (-MOMENT, timedelta(0), MOMENT)}
        for moment in sorted(ages):
            MAKER_OF[name](moment)
        if name == "LEDGER_RETENTION_YEARS":
            append(Draft(Kind.ERASING, uuid.uuid4(), counts={"account": (1, 0)}))  # the last one never goes

    return make


@pytest.mark.parametrize(("name", "value"), ASSUMED, ids=str)
def test_what_is_due_is_what_a_dry_run_says_after_the_setting_is_changed(name, value, around, settings):
    around(name, value)
    later = NOW + timedelta(days=DAYS)

    answer = what_if(assumed_values([(name, str(value))]), NOW)

    assert {job.job for job in answer.jobs} == jobs_of(name)
    assert all(job.settings == [name] for job in answer.jobs)
    present = {job.job: (dry_run(job.job), dry_run(job.job, later)) for job in answer.jobs}
    assert {job.job: job.present.due for job in answer.jobs} == {job: due for job, (due, _) in present.items()}
    setattr(settings, name, value)
    assumed = {job.job: (dry_run(job.job), dry_run(job.job, later)) for job in answer.jobs}
    assert {job.job: job.assumed.due for job in answer.jobs} == {job: due for job, (due, _) in assumed.items()}
    own = next(job for job in answer.jobs if job.job not in ALSO_READ.get(name, ()))
    assert own.present.due != own.assumed.due
    if name != "CLOSING_MAIL_RETENTION_DAYS":  # its mails are due until the limit, and then no more
        for side, values in (("present", present), ("assumed", assumed)):
            due_later = getattr(own, side).due + sum(getattr(day, side) for day in own.days)
            assert due_later == values[own.job][1], side


def test_several_settings_are_assumed_together(settings):
    values = {name: str(LIMITS[name].default - 1) for name in LIMITS if LIMITS[name].unit == "days"}
    for name in values:
        for limit in (LIMITS[name].default, LIMITS[name].default - 1):
            MAKER_OF[name](cutoff(name, limit) - MOMENT)

    answer = what_if(assumed_values(values.items()), NOW)

    assert {job.job for job in answer.jobs} == set().union(*map(jobs_of, values))
    for name, value in values.items():
        setattr(settings, name, value)
    assert {job.job: job.assumed.due for job in answer.jobs} == {job.job: dry_run(job.job) for job in answer.jobs}


def test_an_age_limit_of_another_job_counts_where_it_is_read(settings):
    settings.LEDGER_RETENTION_YEARS = 1
    for years in (1, 2, 3, 4):
        make_entry(NOW - relativedelta(years=5 - years) - MOMENT)
    make_entry(NOW)

    answer = what_if(assumed_values([("DELETION_EVIDENCE_RETENTION_YEARS", "2")]), NOW)

    ledger = next(job for job in answer.jobs if job.job == "cleanup-ledger")
    assert (ledger.present.due, ledger.assumed.due) == (2, 3)


def test_rows_under_a_legal_hold_are_not_due(settings):
    token, other = factories.PushTokenFactory.create_batch(2, last_used_at=NOW - timedelta(days=70))
    Hold.objects.create(user=token.user, reason="authority")

    [job] = what_if({"PUSH_TOKEN_RETENTION_DAYS": "60"}, NOW).jobs

    assert (job.present.due, job.assumed.due) == (0, 1)
    settings.PUSH_TOKEN_RETENTION_DAYS = 60
    assert dry_run("cleanup-push-tokens") == 1
    assert other.user != token.user


def test_the_answer_changes_nothing():
    for name in LIMITS:
        for value in (LIMITS[name].default - 1, LIMITS[name].default):
            MAKER_OF[name](cutoff(name, value) - MOMENT)
    models = (AuditLog, ClosingMail, Hold, Invitation, LoginAttempt, PushToken, Upload, JobRun, Entry)
    before = [list(model.objects.order_by("pk").values()) for model in models]
    assert all(before)

    what_if({name: str(LIMITS[name].default - 1) for name in LIMITS if LIMITS[name].default > 1}, NOW)

    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_no_statement_takes_the_write_lock():
    with CaptureQueriesContext(connection) as captured:
        what_if({"PUSH_TOKEN_RETENTION_DAYS": "60", "LEDGER_RETENTION_YEARS": "3"}, NOW, timedelta(seconds=5))
    sent = [query["sql"].split()[0] for query in captured]
    assert sent.count("SELECT") == len([one for one in sent if one not in {"SAVEPOINT", "RELEASE"}])
    assert is_postgresql() or set(sent) == {"SELECT"}
