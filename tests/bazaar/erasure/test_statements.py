"""Statements are composed once and executed for each person: nothing of one person may stand in them."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bazaar.erasure import Searched, erase, statements
from bazaar.erasure.identity import Identity, identity_of
from bazaar.erasure.inventory import all_steps
from bazaar.erasure.scope import CHUNK, Mode, Scope, Template
from bazaar.erasure.statements import Statement, delete, finding, pages, select, update
from bazaar.models import AuditLog, LoginAttempt, Notification, PushToken, User
from bazaar.redaction.addresses import normalise
from maintenance.core.array_lookup import Later
from tests.factories import LoginAttemptFactory, NotificationFactory, PushTokenFactory, UserFactory

pytestmark = pytest.mark.django_db


def scope_of(*users, **values):
    addresses = frozenset(normalise(user.email) for user in users)
    identity = Identity(tuple(user.pk for user in users), addresses=addresses, written=addresses)
    return Scope(identity, Mode.ANONYMISE, timezone.now(), **values)


def tokens(fields, scope):
    return PushToken.objects.filter(scope.are_subjects("user")).order_by("pk").values_list(*fields)


def with_their_address(model, scope):
    return model.objects.filter(scope.holds("email", "created_at"))


@pytest.fixture
def composed(monkeypatch):
    """Statements that are composed while the test lasts."""
    found = []
    of = Statement.of

    def noted(query):
        found.append(of(query))
        return found[-1]

    monkeypatch.setattr(Statement, "of", noted)
    statements._of_template.cache_clear()
    yield found
    statements._of_template.cache_clear()


def test_a_statement_is_composed_once_and_finds_the_rows_of_each_person(composed):
    people = [UserFactory() for _ in range(3)]
    rows = [PushTokenFactory(user=user) for user in people]

    found = [select(tokens, ("pk", "last_used_at"), scope_of(user)) for user in people]

    assert found == [[(row.pk, row.last_used_at)] for row in rows]
    assert len(composed) == 1


def test_it_finds_the_rows_of_several_persons_and_of_nobody():
    people = [UserFactory() for _ in range(2)]
    rows = {PushTokenFactory(user=user).pk for user in people}

    assert {pk for (pk,) in select(tokens, ("pk",), scope_of(*people))} == rows
    assert select(tokens, ("pk",), scope_of()) == []


def test_pages_come_whole_and_in_order():
    user = UserFactory()
    rows = [PushTokenFactory(user=user).pk for _ in range(5)]
    PushTokenFactory()
    scope = scope_of(user, chunk=2)

    def found(_about, scope):
        return PushToken.objects.filter(scope.are_subjects("user")), ()

    assert [[pk for (pk,) in page] for page in pages(found, None, scope)] == [rows[:2], rows[2:4], rows[4:]]


def test_those_that_find_something_are_told_in_one_statement(django_assert_num_queries):
    ann, bob = UserFactory(), UserFactory()
    LoginAttemptFactory(email=ann.email)

    def rows(model, scope):
        return with_their_address(model, scope) if model is LoginAttempt else tokens(("pk",), scope)

    things = (PushToken, LoginAttempt)
    with django_assert_num_queries(1):
        assert finding(rows, things, scope_of(ann)) == [LoginAttempt]
    assert finding(rows, things, scope_of(bob)) == []
    PushTokenFactory(user=bob)
    assert finding(rows, things, scope_of(bob)) == [PushToken]


def test_rows_are_changed_and_deleted_by_the_values_of_the_person():
    people = [UserFactory(email=f"user-{number}@example.org") for number in range(2)]
    for user in people:
        NotificationFactory(user=user, body="old")
        LoginAttemptFactory(email=user.email)

    def new_body(_about, scope):
        return Notification.objects.filter(scope.are_subjects("user")), {"body": "new"}

    assert [update(new_body, None, scope_of(user)) for user in people] == [1, 1]
    assert set(Notification.objects.values_list("body", flat=True)) == {"new"}
    assert [delete(with_their_address, LoginAttempt, scope_of(user)) for user in people] == [1, 1]
    assert not LoginAttempt.objects.exists()


def test_where_an_address_was_shared_the_times_stand_in_the_statement(composed):
    ann, bob = UserFactory(email="both@example.org"), UserFactory()
    now = timezone.now()
    bob.former_emails.create(email="both@example.org", held_from=now - timedelta(days=9), held_until=ann.created_at)
    mine = LoginAttemptFactory(email="both@example.org", user=None, created_at=now)
    LoginAttemptFactory(email="both@example.org", user=None, created_at=now - timedelta(days=5))
    scope = Scope(identity_of([ann.pk]), Mode.ANONYMISE, now)

    assert scope.is_shared
    assert delete(with_their_address, LoginAttempt, scope) == 1
    assert not LoginAttempt.objects.filter(pk=mine.pk).exists()
    assert LoginAttempt.objects.count() == 1


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("is_searched", [False, True])
def test_each_step_finds_its_rows_by_values_that_come_later(mode, is_searched):
    template = Template(mode, is_searched, CHUNK)
    for step in all_steps():
        statement = Statement.of(step.rows(template).values_list("pk").query)
        params = statement.params if statement else ()
        is_by_values = not step.search or (is_searched and step.search.changed)
        assert any(isinstance(param, Later) for param in params) == bool(is_by_values), step


@pytest.mark.parametrize("anonymize", [True, False])
def test_the_second_erasure_composes_nothing_and_has_no_value_of_the_first(anonymize, request_deletion, composed):
    now, names = timezone.now(), ["Ann Smith", "Bob Jones"]
    people = [UserFactory(email=f"person-{place}@example.org", name=name) for place, name in enumerate(names)]
    numbers = []
    for user in people:
        PushTokenFactory(user=user)
        request = request_deletion(user, anonymize=anonymize)
        with transaction.atomic():
            erase(request.pk, now, searched=Searched(now - timedelta(minutes=1)))
        numbers.append(len(composed))

    values = [str(param) for statement in composed if statement for param in statement.params]
    personal = [part for user in people for part in (user.email, str(user.public_id), user.public_id.hex, user.name)]
    assert numbers[0] == numbers[1]
    assert composed
    assert not [value for value in values if any(part in value for part in personal)]
    assert not PushToken.objects.exists()
    assert AuditLog.objects.filter(action="account.erased").count() == 2
    assert not User.objects.filter(email__startswith="person-").exists()


@pytest.mark.parametrize("anonymize", [True, False])
def test_steps_that_find_nothing_are_not_executed(anonymize, request_deletion):
    now = timezone.now()
    counts = []
    for has_token in (False, True):
        user = UserFactory()
        if has_token:
            PushTokenFactory(user=user)
        request = request_deletion(user, anonymize=anonymize)
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            erase(request.pk, now, searched=Searched(now - timedelta(minutes=1)))
        counts.append(len([query for query in queries if "pushtoken" in query["sql"] and "DELETE" in query["sql"]]))

    assert counts == [0, 1]
