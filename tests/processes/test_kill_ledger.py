"""`kill -9` at every step of a decision, between its entry in the ledger, its commit and its confirmation."""

import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from bazaar.decisions import state
from bazaar.decisions.checks import missing_confirmations
from bazaar.deletion_requests import make_request
from bazaar.erasure import verify
from bazaar.ledger.chain import breaks
from bazaar.ledger.models import Entry
from bazaar.models import AuditLog, DeletionRequest, Notification, User
from tests.bazaar.jobs.twins import begin_anew, differences, end_state
from tests.factories import UserFactory
from tests.processes.killed_at import STEPS

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # the ids of twins begin anew there
    pytest.mark.django_db(transaction=True),
]

AT = timezone.now() - timedelta(days=40)
LEFT = {  # the kinds of entries, and whether the main database has the decision
    "before the entry": ([], False),
    "after the entry": (["{}"], False),
    "before the commit": (["{}"], False),
    "before the confirmation": (["{}"], True),
    "after the confirmation": (["{}", "{}ed"], True),
}
SETTLED = {  # by the next decision
    "before the entry": [],
    "after the entry": ["{}", "rolled_back"],
    "before the commit": ["{}", "rolled_back"],
    "before the confirmation": ["{}", "{}ed"],
    "after the confirmation": ["{}", "{}ed"],
}
CONFIRMED = {"requested": "confirmed", "erasing": "erased"}


def named(kinds, kind):
    return [CONFIRMED[kind] if one == "{}ed" else one.format(kind) for one in kinds]


def kinds(since=0):
    return list(Entry.objects.filter(number__gt=since).order_by("number").values_list("kind", flat=True))


@pytest.fixture
def killed(environment):
    """Run a command that is killed at a step."""

    def run(step, *arguments):
        script = Path(__file__).with_name("killed_at.py")
        done = subprocess.run(
            [sys.executable, script, step, *map(str, arguments)],
            check=False,
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            timeout=300,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr

    return run


@pytest.fixture
def told(monkeypatch):
    """Return whether the doctor tells entries without a confirmation, once they are old enough."""
    monkeypatch.setattr(state, "CONFIRMED_WITHIN", timedelta(0))
    return lambda: bool(missing_confirmations())


def populate(folder):
    """Make one person who is to be erased and one who stays, with the same ids each time."""
    begin_anew(folder)
    ann, ben = (
        UserFactory(email=f"{name}@example.org", public_id=f"{place:032x}", created_at=AT, name=name)
        for place, name in enumerate(("ann", "ben"), 1)
    )
    for user in (ann, ben):
        Notification.objects.create(user=user, type="x", title="About ann@example.org", created_at=AT)
    request = make_request(ann, now=AT)
    AuditLog.objects.all().delete()
    return request


def state_now():
    return Counter({entry: number for entry, number in end_state().items() if not entry[0].startswith("searches.")})


def test_an_erasure_that_is_killed_at_any_step_ends_as_an_undisturbed_one(uploads, run, killed, expire, told, subtests):
    populate(uploads)
    assert run("finalize_deletions").status == 0
    quiet = state_now()

    for step in STEPS:
        with subtests.test(step):
            request = populate(uploads)
            before = Entry.objects.latest("number").number
            killed(step, "finalize_deletions")

            left, is_done = LEFT[step]
            assert kinds(before) == named(left, "erasing")
            assert DeletionRequest.objects.filter(pk=request.pk, status="completed").exists() == is_done
            assert bool(User.objects.get(pk=request.user_pk).anonymized_at) == is_done
            assert told() == (len(left) == 1)
            assert list(breaks()) == []

            expire()
            assert run("finalize_deletions").status == 0

            again = [] if is_done else ["erasing", "erased"]
            assert kinds(before) == [*named(SETTLED[step], "erasing"), *again]
            assert list(breaks()) == []
            assert not told()
            assert verify() == []
            assert differences(quiet, state_now()) == {}


def test_a_request_that_is_killed_at_any_step_is_whole_or_not_at_all(run, killed, told, subtests):
    for step in STEPS:
        with subtests.test(step):
            user = UserFactory()
            before = Entry.objects.order_by("-number").values_list("number", flat=True).first() or 0
            killed(step, "deletions", "request", user.pk)

            left, is_done = LEFT[step]
            assert kinds(before) == named(left, "requested")
            assert DeletionRequest.objects.filter(user=user).exists() == is_done
            assert AuditLog.objects.filter(action="deletion.requested", subject=user).exists() == is_done
            assert told() == (len(left) == 1)

            assert run("deletions", "request", str(UserFactory().pk)).status == 0

            assert kinds(before) == [*named(SETTLED[step], "requested"), "requested", "confirmed"]
            assert list(breaks()) == []
            assert not told()
