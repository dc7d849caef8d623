"""The job `finalize-deletions`: the search before the erasures."""

import pytest

from bazaar import erasure
from bazaar.erasure import searches
from bazaar.models import (
    Notification,
    User,
)
from bazaar.searches.models import ErasureSearch, ErasureSearchHit, ErasureSearchPart
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.bazaar.jobs.due_requests import NAME, NOW, ask
from tests.factories import (
    NotificationFactory,
    UserFactory,
)

# The search before the erasures, and the last mail, come after commits.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]


def test_a_search_that_fails_keeps_nobody_from_being_erased(monkeypatch):
    user = UserFactory(email="ann@example.org")
    told = NotificationFactory(user=UserFactory(), body="Write to ann@example.org.")
    ask(user)

    def fail(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr(erasure, "recheck", fail)

    result = run_now(NAME, now=NOW)

    assert result.status == "partial"
    assert result.details["errors"] == [{"id": "before", "error": "RuntimeError"}]
    assert User.objects.get(pk=user.pk).anonymized_at
    told.refresh_from_db()
    assert told.body == "Write to [removed]."


def test_a_search_that_was_interrupted_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(searches, "KEYS_OF_A_PART", 1)
    user = UserFactory(email="ann@example.org")
    notifications = [NotificationFactory(body="From ann@example.org") for _ in range(6)]
    ask(user)
    real, searched = searches.perform, []

    def perform(part):
        if len(searched) == 4:
            raise KeyboardInterrupt
        searched.append((part.model, part.last))
        return real(part)

    monkeypatch.setattr(searches, "perform", perform)
    with pytest.raises(KeyboardInterrupt):
        run_now(NAME)
    assert ErasureSearchPart.objects.exists()
    first, searched[:] = [*searched], []
    monkeypatch.setattr(searches, "perform", lambda part: searched.append((part.model, part.last)) or real(part))
    JobRun.objects.update(heartbeat_at=NOW)

    assert run_now(NAME).success

    assert len(first) == 4
    assert not {*first} & {*searched}
    assert {Notification.objects.get(pk=row.pk).body for row in notifications} == {"From [removed]"}
    assert not ErasureSearch.objects.exists()
    assert not ErasureSearchHit.objects.exists()


def test_a_text_that_is_written_after_the_search_is_searched_by_the_erasure(monkeypatch):
    user = UserFactory(email="ann@example.org")
    old = NotificationFactory(body="From ann@example.org")
    ask(user)
    late = []
    real = searches.found_for

    def found_for(request):
        late.append(NotificationFactory(body="Late, from ann@example.org"))
        return real(request)

    monkeypatch.setattr(searches, "found_for", found_for)

    assert run_now(NAME).success

    assert {Notification.objects.get(pk=row.pk).body for row in [old, *late]} == {
        "From [removed]",
        "Late, from [removed]",
    }


def test_one_search_serves_any_number_of_requests(monkeypatch):
    people = [UserFactory(email=f"user-{number}@example.org") for number in range(5)]
    for person in people:
        NotificationFactory(body=person.email)
        ask(person)
    searched, real = [], searches.perform
    monkeypatch.setattr(searches, "perform", lambda part: searched.append((part.model, part.after)) or real(part))

    assert run_now(NAME).success

    assert len(searched) == len(set(searched))
    assert set(Notification.objects.values_list("body", flat=True)) == {"[removed]"}
