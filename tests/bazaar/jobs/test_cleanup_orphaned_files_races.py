"""Somebody begins to use a file while the job runs that removes orphans: it is theirs, or they are refused."""

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from bazaar import triggers, uploads
from bazaar.models import User
from tests import factories
from tests.bazaar.jobs.orphans import left, make, path_of, run
from tests.bazaar.jobs.two_connections import in_a_thread, wait_until_blocked

pytestmark = [
    pytest.mark.postgresql,  # SQLite has one writer
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("folder"),
]


@pytest.mark.parametrize(("model", "field"), triggers.REFERENCES)
def test_a_file_attached_between_selection_and_mark_survives(model, field):
    upload, orphan = make(), make()
    row = factories.make(apps.get_model("bazaar", model))

    with transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**{field: upload})
        thread, results = in_a_thread(run)
        wait_until_blocked()
    thread.join()

    assert results[0].success
    assert left() == {upload.pk}
    assert path_of(upload).exists()
    assert not path_of(orphan).exists()
    row.refresh_from_db()
    assert getattr(row, field) == upload


@pytest.mark.parametrize(("model", "field"), triggers.REFERENCES)
def test_a_file_attached_while_it_is_being_marked_is_refused(model, field, monkeypatch):
    upload = make()
    row = factories.make(apps.get_model("bazaar", model))
    condemn, attempts = uploads.mark_for_removal, []

    def attach():
        return type(row).objects.filter(pk=row.pk).update(**{field: upload})

    def condemn_while_somebody_attaches(candidates, now):
        result = condemn(candidates, now)
        attempts.append(in_a_thread(attach))
        wait_until_blocked()
        return result

    monkeypatch.setattr(uploads, "mark_for_removal", condemn_while_somebody_attaches)

    assert run().success
    [(thread, results)] = attempts
    thread.join()

    assert isinstance(results[0], IntegrityError)
    assert not left()
    assert not path_of(upload).exists()


def test_a_file_attached_after_it_was_marked_is_refused(monkeypatch):
    upload, user = make(), factories.make(User)
    remove, results = uploads.remove, []

    def attach_then_remove(batch, taken):
        thread, result = in_a_thread(lambda: User.objects.filter(pk=user.pk).update(avatar=upload))
        thread.join()
        results.extend(result)
        return remove(batch, taken)

    monkeypatch.setattr(uploads, "remove", attach_then_remove)

    assert run().success

    assert isinstance(results[0], IntegrityError)
    assert not left()
    user.refresh_from_db()
    assert user.avatar is None
