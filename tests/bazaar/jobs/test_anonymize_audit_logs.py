"""Old audit logs lose whatever tells who it was; what happened stays, and what is clean is never written again."""

from datetime import UTC, datetime, timedelta

import pytest

from bazaar import redaction
from bazaar.audit_trail import ACTION, record_in_audit_trail
from bazaar.models import AuditLog, User
from bazaar.redaction import rule
from maintenance.core import registry
from maintenance.models import JobRun
from tests import factories
from tests.bazaar.jobs.old_logs import MOMENT, NAME, NOW, OLD, YEAR, due, logs, make, make_clean, mixed, run

pytestmark = pytest.mark.django_db
PERSON_TYPES = ("user", "Users", "USER", "bazaar.User", "account", "profile", "UserProfile", "team_member", "people")


def anonymised(log):
    """What is left of a log as the factory makes it."""
    fields = {"user_id": None, "subject_id": None, "ip_address": None, "user_agent": None}
    return log | fields | {"cleaned_version": rule.number()}


def test_only_logs_older_than_the_cutoff_are_anonymised():
    older, *_ = (make(NOW - YEAR + age) for age in (-MOMENT, timedelta(0), MOMENT))
    before = logs()
    assert all(log["user_id"] and log["ip_address"] and log["user_agent"] for log in before.values())

    result = run()

    assert logs() == before | {older.pk: anonymised(before[older.pk])}
    assert result.details["counts"] == {"changed": 1}
    assert result.message == "Anonymised 1 audit log."


def test_a_year_before_a_leap_day_is_the_28th_of_february():
    at_cutoff = make(datetime(2027, 2, 28, 3, 0, tzinfo=UTC))
    older = make(at_cutoff.created_at - MOMENT)

    run(now=datetime(2028, 2, 29, 3, 0, tzinfo=UTC))

    assert logs()[at_cutoff.pk]["user_id"]
    assert logs()[older.pk]["user_id"] is None


@pytest.mark.parametrize(
    "fields",
    [
        {"user": 1},
        {"subject": 1},
        {"ip_address": "2001:db8::1"},
        {"user_agent": "Mozilla/5.0"},
        {"metadata": {"changes": [{"emailAddress": "ann@example.org"}]}},
        {"metadata": {"note": "asked by ann@example.org"}},
        {"metadata": ["192.0.2.7"]},
        {"resource_type": PERSON_TYPES[0], "resource_id": "7"},
    ],
    ids="-".join,
)
def test_each_personal_thing_alone_makes_a_log_change(fields):
    fields = {name: factories.make(User) if value == 1 else value for name, value in fields.items()}
    log = make_clean(**fields)
    before = logs()[log.pk]

    result = run()

    after = logs()[log.pk]
    assert result.details["counts"] == {"changed": 1}
    assert after["metadata"] == redaction.clean(before["metadata"])
    assert all(not after[name] for name in ("user_id", "subject_id", "ip_address", "user_agent"))
    kept = ("id", "created_at", "action", "resource_type")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


@pytest.mark.parametrize("resource_type", PERSON_TYPES)
@pytest.mark.parametrize("document", [{"field": "status"}, {"email": "ann@example.org"}], ids=["columns", "metadata"])
def test_the_id_of_a_resource_goes_where_the_resource_is_a_person(resource_type, document):
    person = make(resource_type=resource_type, resource_id="7", metadata=document)
    thing = make(resource_type="project", resource_id="8", metadata=document)

    run()

    assert logs()[person.pk]["resource_id"] is None
    assert logs()[person.pk]["resource_type"] == resource_type
    assert logs()[thing.pk]["resource_id"] == "8"


def test_a_clean_log_gets_the_marker_and_nothing_else():
    log, without_agent = make_clean(), make_clean(user_agent="")
    before = logs()

    result = run()

    assert result.details["counts"] == {"unchanged": 2}
    assert result.message == "There were no audit logs to anonymise."
    marker = {"cleaned_version": rule.number()}
    assert logs() == {pk: before[pk] | marker for pk in (log.pk, without_agent.pk)}
    assert not AuditLog.objects.filter(action=ACTION).exists(), "nothing changed that anybody would see"
    assert JobRun.objects.get().items_done == 0


def test_look_alike_keys_and_deep_lists_come_out_as_the_cleaner_says():
    document = {"filename": "a.png", "projectName": "X", "list": [[{"Phone-Number": "1"}, {"hostname": "h"}]], "n": 1.5}
    log = make(metadata=document)

    run()

    assert logs()[log.pk]["metadata"] == {
        "filename": "a.png",
        "projectName": "X",
        "list": [[{}, {"hostname": "h"}]],
        "n": 1.5,
    }


def test_what_is_due_is_what_is_processed_in_batches_too(batches_of):
    batches_of(2)
    rows = mixed()
    expected = due()
    assert expected == {row.pk for row in rows if row.created_at < NOW - YEAR}
    before = logs()

    result = run()

    after = logs()
    assert {pk for pk in after if after[pk] != before[pk]} == expected
    assert all(log["cleaned_version"] == rule.number() for pk, log in after.items() if pk in expected)
    assert all(redaction.clean(after[pk]["metadata"]) is after[pk]["metadata"] for pk in expected)
    assert result.details["counts"] == {"changed": 4, "unchanged": 2}
    assert result.details["batches"]["count"] == 3
    assert not due()


def test_a_dry_run_says_what_a_run_does_and_changes_nothing(batches_of):
    batches_of(2)
    mixed()
    before = logs()

    dry = run(dry_run=True)

    assert logs() == before
    assert not AuditLog.objects.filter(action=ACTION).exists()
    assert dry.details["counts"] == {"would_anonymise": 4, "unchanged": 2}
    assert dry.message == "Would anonymise 4 audit logs."
    assert dry.details["oldest"] == (OLD - timedelta(days=9)).isoformat()
    assert dry.details["newest"] == OLD.isoformat()

    run()
    changed = sorted(pk for pk, log in logs().items() if log | {"cleaned_version": 0} != before[pk])
    assert dry.details["ids"] == changed


def test_nothing_due_is_no_error():
    make(NOW)
    before = logs()

    assert run().success
    assert logs() == before


def test_an_exception_in_mid_batch_rolls_that_batch_back(batches_of, monkeypatch):
    batches_of(3)
    rows = [make() for _ in range(5)]
    before = logs()
    job, bad = registry.get(NAME), rows[1].pk
    process = type(job).process

    def process_with_a_fault(self, batch, examined):
        had_bad_one = batch.filter(pk=bad).exists()
        outcome = process(self, batch, examined)
        if had_bad_one:
            raise RuntimeError
        return outcome

    monkeypatch.setattr(type(job), "process", process_with_a_fault)

    result = run()

    assert result.status == "partial"
    assert result.details["counts"] == {"changed": 4, "failed": 1}
    assert logs() == {pk: log if pk == bad else anonymised(log) for pk, log in before.items()}


def test_the_trail_of_a_run_is_clean_by_the_rules_of_its_own_job():
    make(), make_clean()
    run()
    [trail] = AuditLog.objects.filter(action=ACTION)
    AuditLog.objects.filter(pk=trail.pk).update(created_at=OLD)
    before = AuditLog.objects.values().get(pk=trail.pk)

    result = run()

    assert result.details["counts"] == {"unchanged": 1}
    assert AuditLog.objects.values().get(pk=trail.pk) == before | {"cleaned_version": rule.number()}


@pytest.mark.parametrize("job", registry.all_jobs(), ids=lambda job: job.name)
def test_the_trail_of_every_job_is_clean(job):
    names = ["deleted", "changed", "unchanged", "failed", "drifted_users", "total_drift", "bytes", "unknown_files"]
    record_in_audit_trail(job=job.name, run_id=1, now=NOW, counts=dict.fromkeys(names, 3))

    document = AuditLog.objects.get().metadata

    assert redaction.clean(document) is document
