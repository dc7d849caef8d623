"""A database that was restored knows of the holds in its backup only, until the replay."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bazaar.decisions.replay import replay
from bazaar.holds.service import release
from bazaar.models import PushToken
from maintenance.core import registry
from maintenance.core.errors import NotReady
from maintenance.engine.runner import run_now
from tests.bazaar.decisions.backup import Backup, hold
from tests.factories import PushTokenFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]


def test_no_job_touches_what_may_be_held_before_the_replay():
    user = UserFactory()
    old = timezone.now() - timedelta(days=200)
    PushTokenFactory(user=user, last_used_at=old)
    free = PushTokenFactory(last_used_at=old)
    backup = Backup()
    hold(user)
    backup.restore()

    for job in registry.all_jobs():
        if job.respects_holds:
            with pytest.raises(NotReady, match="ledger replay"):
                run_now(job.name)
    assert PushToken.objects.count() == 2

    replay()

    result = run_now("cleanup-push-tokens")
    assert (result.details["counts"]["deleted"], result.details["counts"]["held_back"]) == (1, 1)
    assert not PushToken.objects.filter(pk=free.pk).exists()


def test_a_hold_that_the_backup_has_is_known():
    kept = hold(UserFactory())
    backup = Backup()
    release(kept)
    backup.restore()

    assert run_now("cleanup-push-tokens").success
