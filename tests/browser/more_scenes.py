"""Further scenes: a plan and what became of it, a schedule, retention, deletion requests, the inventory."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from bazaar.deletion_requests import cancel_request
from bazaar.erasure import erase
from bazaar.models import DeletionRequest, User
from maintenance.core import registry
from maintenance.models import JobRun
from tests import factories
from tests.browser.scenes import Scene

Status = JobRun.Status

PLANNED = "cleanup-invitations"
EDITED = "cleanup-push-tokens"
USUAL, UNUSUAL = 31, 48_212
SIX_FIELDS = "*/10 30 4 * * 1-5"


def of_jobs(now: Any) -> Iterator[Scene]:
    """A dry run, one that is far above the usual, the run after a plan, a schedule, retention."""
    _run(now - timedelta(hours=9), USUAL)
    yield Scene("dry-run", _page_of(_dry_run(now - timedelta(hours=2), USUAL)))
    unusual = _dry_run(now - timedelta(minutes=50), UNUSUAL, job="delete-audit-logs")
    yield Scene("dry-run-unusual", _page_of(unusual))
    plan = _dry_run(now - timedelta(minutes=30), USUAL)
    run = _run(now - timedelta(minutes=20), USUAL + 2, plan=plan.pk)
    yield Scene("run-planned", _page_of(run))
    edit = reverse("admin:maintenance_schedule", args=[EDITED])
    yield Scene("schedule", edit)
    yield Scene("schedule-refused", edit, lambda page: _type(page, SIX_FIELDS))
    _let_records_be_overdue(now)
    yield Scene("retention", reverse("admin:maintenance_retention"))
    yield Scene(
        "what-if", f"{reverse('admin:maintenance_retention')}?{registry.get(PLANNED).retention.setting}=10#what-if"
    )
    yield Scene("report", reverse("admin:maintenance_report"))


def _type(page: Any, expression: str) -> None:
    page.get_by_label("Cron expression").fill(expression)
    page.get_by_role("button", name="Use 30 4").wait_for()


def _dry_run(at: Any, due: int, job: str = PLANNED) -> JobRun:
    details = {"counts": {f"would_{registry.get(job).verb.infinitive}": due}}
    return _make(job, at, due, details, dry_run=True, message=f"Would delete {due:,} records.")


def _run(at: Any, due: int, **asked: Any) -> JobRun:
    details = {"counts": {registry.get(PLANNED).verb.past: due}, **asked}
    return _make(PLANNED, at, due, details, items_done=due, message=f"Deleted {due:,} invitations.")


def _make(job: str, at: Any, due: int, details: dict[str, Any], **fields: Any) -> JobRun:
    retention = registry.get(job).retention
    moments = {"cutoff": retention.cutoff(at).isoformat(), "oldest": (at - timedelta(days=1_900)).isoformat()}
    return JobRun.objects.create(
        job=job,
        trigger=JobRun.Trigger.ADMIN,
        status=Status.SUCCEEDED,
        queued_at=at,
        started_at=at,
        heartbeat_at=at,
        finished_at=at + timedelta(seconds=2),
        host="app-1",
        pid=4711,
        items_due=due,
        details=details
        | moments
        | {"batches": {"count": 1 + due // 5_000, "median_seconds": 0.09, "p99_seconds": 0.1, "longest_seconds": 0.09}},
        **fields,
    )


def _page_of(run: JobRun) -> str:
    return reverse("admin:maintenance_jobrun_change", args=[run.pk])


def _let_records_be_overdue(now: Any) -> None:
    owner = factories.UserFactory()
    for days in (91, 95, 120):
        factories.PushTokenFactory(user=owner, last_used_at=now - timedelta(days=days))
        factories.LoginAttemptFactory(user=owner, created_at=now - timedelta(days=days))
        factories.RefreshTokenFactory(user=owner, expires_at=now - timedelta(days=days))
    factories.AuditLogFactory.create_batch(40, user=owner, created_at=now - timedelta(days=400))


def of_deletions(now: Any) -> Iterator[Scene]:
    """The list of requests, the pages that ask again, the evidence of one that was carried out, the inventory."""
    requests = reverse("admin:bazaar_deletionrequest_changelist")
    pending = [_request(now, days) for days in (-1, 3, 12, 29)]
    cancelled = _request(now, 20)
    reason = DeletionRequest.CancelReason.CHANGED_MIND
    cancel_request(cancelled, reason=reason)
    done = _carried_out(now)
    yield Scene("deletions", requests)
    yield Scene("deletion-open", _request_page(pending[1]))
    yield Scene("deletion-done", _request_page(done))
    yield Scene("deletion-cancelled", _request_page(cancelled))
    yield Scene("deletion-cancel", requests, lambda page: choose(page, "Cancel deletion requests", pending[1:3]))
    users = reverse("admin:bazaar_user_changelist")
    people = User.objects.filter(deletion_requested_at=None, is_staff=False)[:2]
    yield Scene("deletion-request", users, lambda page: choose(page, "Request deletion (anonymise)", people))
    yield Scene("inventory", reverse("admin:bazaar_inventory") + "?model=bazaar.AuditLog")


def choose(page: Any, action: str, rows: Any) -> None:
    """Choose rows of a list of the admin, and an action, and go."""
    for row in rows:
        page.locator(f'input[name="_selected_action"][value="{row.pk}"]').check()
    page.locator('select[name="action"]').select_option(label=action)
    page.locator('button[name="index"]').click()


def _request(now: Any, due_in: int) -> DeletionRequest:
    at = now + timedelta(days=due_in, minutes=5)
    return factories.DeletionRequestFactory(scheduled_for=at, requested_at=at - timedelta(days=30))


def _carried_out(now: Any) -> DeletionRequest:
    person = factories.UserFactory()
    for make in (factories.PushTokenFactory, factories.IdeaFactory, factories.ConsentRecordFactory):
        make(**{"creator" if make is factories.IdeaFactory else "user": person})
    factories.LoginAttemptFactory.create_batch(12, user=person)
    request = factories.DeletionRequestFactory(
        user=person,
        anonymize_contributions=False,
        requested_at=now - timedelta(days=31),
        scheduled_for=now - timedelta(days=1),
    )
    with transaction.atomic():
        erase(request.pk, now)
    request.refresh_from_db()
    return request


def _request_page(request: DeletionRequest) -> str:
    return reverse("admin:bazaar_deletionrequest_change", args=[request.pk])
