"""Karma, compared with a definition in plain Python."""

from math import floor

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings, strategies as st

from bazaar.karma import FEATURED_BONUS, MULTIPLIERS, Change, drifted, karma_of, live_users, recount
from bazaar.models import Collaborator, Project, Role, Upvote, User
from tests.bazaar.jobs.two_connections import in_a_thread, wait_until_blocked

pytestmark = pytest.mark.django_db


def karma_in_plain_python(user):
    """What the design says, read from the rows one by one."""
    worth = {"creator": 1.0, "contributor": 0.5, "advisor": 0.25}
    karma = 0
    for collaboration in Collaborator.objects.filter(user=user):
        project = collaboration.project
        karma += floor(len(Upvote.objects.filter(project=project)) * worth[collaboration.role])
        if project.is_featured and collaboration.role == "creator":
            karma += 10
    return karma


def make_user(number, **fields):
    return User.objects.create(email=f"user{number}@example.org", **fields)


def make_project(votes=0, *, team=(), **fields):
    """Make a project with so many votes of users of its own, and a team of (user, role)."""
    project = Project.objects.create(title="A", **fields)
    first = User.objects.count()
    voters = User.objects.bulk_create(User(email=f"voter{first + n}@example.org") for n in range(votes))
    Upvote.objects.bulk_create(Upvote(user=voter, project=project) for voter in voters)
    Collaborator.objects.bulk_create(Collaborator(user=user, project=project, role=role) for user, role in team)
    return project


@pytest.fixture
def ann():
    return make_user("-ann")


@pytest.fixture
def rows_written():
    """How many rows each UPDATE of the test wrote."""
    rows = []

    def count(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if " SET " in sql:
            rows.append(context["cursor"].rowcount)
        return result

    with connection.execute_wrapper(count):
        yield rows


@pytest.mark.parametrize(
    ("votes", "role", "karma"),
    [
        (0, Role.CREATOR, 0),
        (1, Role.CREATOR, 1),
        (1, Role.CONTRIBUTOR, 0),
        (2, Role.CONTRIBUTOR, 1),
        (5, Role.CONTRIBUTOR, 2),
        (3, Role.ADVISOR, 0),
        (4, Role.ADVISOR, 1),
        (7, Role.ADVISOR, 1),
        (8, Role.ADVISOR, 2),
    ],
)
def test_upvotes_count_by_role_and_are_rounded_down(ann, votes, role, karma):
    make_project(votes, team=[(ann, role)])

    assert karma_of(ann.pk) == karma


def test_each_collaboration_is_rounded_down_on_its_own(ann):
    for _ in range(2):
        make_project(1, team=[(ann, Role.CONTRIBUTOR)])

    assert karma_of(ann.pk) == 0


@pytest.mark.parametrize(("role", "bonus"), [(Role.CREATOR, 10), (Role.CONTRIBUTOR, 0), (Role.ADVISOR, 0)])
def test_a_featured_project_is_worth_ten_to_its_creator_only(ann, role, bonus):
    make_project(team=[(ann, role)], is_featured=True)

    assert karma_of(ann.pk) == bonus


def test_colleagues_do_not_multiply_the_votes(ann):
    ben = make_user("-ben")
    make_project(3, team=[(ann, Role.CREATOR), (ben, Role.CREATOR)], is_featured=True)
    make_project(4, team=[(ann, Role.ADVISOR)])

    assert (karma_of(ann.pk), karma_of(ben.pk)) == (14, 13)


def test_every_role_has_a_multiplier():
    assert set(MULTIPLIERS) == set(Role)
    assert FEATURED_BONUS == 10


def test_who_is_unknown_or_gone_has_no_karma(ann):
    make_project(3, team=[(ann, Role.CREATOR)])
    assert karma_of(ann.pk) == 3

    User.objects.filter(pk=ann.pk).update(anonymized_at=timezone.now())

    assert karma_of(ann.pk) == 0
    assert karma_of(ann.pk + 1_000_000) == 0


def test_recount_writes_only_users_whose_karma_differs(ann, rows_written):
    ben, cleo, dora = (make_user(name) for name in ("-ben", "-cleo", "-dora"))
    make_project(5, team=[(ann, Role.CREATOR), (ben, Role.CONTRIBUTOR), (cleo, Role.ADVISOR)])
    User.objects.filter(pk=ben.pk).update(karma=2)
    User.objects.filter(pk=cleo.pk).update(karma=9)
    before = User.objects.get(pk=ann.pk).updated_at
    rows_written.clear()

    changes = recount(User.objects.filter(pk__in=[cleo.pk, ann.pk, ben.pk, dora.pk]))

    assert changes == [Change(ann.pk, 0, 5), Change(cleo.pk, 9, 1)]
    assert rows_written == [2]
    assert list(User.objects.filter(karma__gt=0).order_by("pk").values_list("pk", "karma")) == [
        (ann.pk, 5),
        (ben.pk, 2),
        (cleo.pk, 1),
    ]
    assert User.objects.get(pk=ann.pk).updated_at == before


def test_a_second_recount_changes_nothing(ann, rows_written):
    make_project(5, team=[(ann, Role.CREATOR)])
    assert recount(User.objects.all()) == [Change(ann.pk, 0, 5)]

    assert recount(User.objects.all()) == []
    assert rows_written == [1, 0]


def test_recount_leaves_other_users_alone(ann):
    ben = make_user("-ben")
    make_project(5, team=[(ann, Role.CREATOR), (ben, Role.CREATOR)])

    assert recount(User.objects.filter(pk=ann.pk)) == [Change(ann.pk, 0, 5)]

    assert User.objects.get(pk=ben.pk).karma == 0


@pytest.mark.parametrize("field", ["deleted_at", "anonymized_at"])
def test_deleted_and_anonymised_users_are_left_out(field):
    gone = make_user("-gone", karma=7, **{field: timezone.now()})
    make_project(2, team=[(gone, Role.CREATOR)])

    assert gone not in live_users()
    assert gone not in drifted()
    assert recount(User.objects.all()) == []
    assert User.objects.get(pk=gone.pk).karma == 7


def test_users_can_be_asked_for_in_any_way_and_in_slices(ann):
    users = [ann, *(make_user(number) for number in range(4))]
    make_project(1, team=[(user, Role.CREATOR) for user in users])

    first_two = drifted(User.objects.filter(collaborations__role=Role.CREATOR)).order_by("pk")[:2]

    assert [(user.pk, user.expected_karma) for user in first_two] == [(users[0].pk, 1), (users[1].pk, 1)]
    assert recount(first_two) == [Change(users[0].pk, 0, 1), Change(users[1].pk, 0, 1)]
    assert set(drifted()) == set(users[2:])


def test_the_number_of_queries_does_not_grow_with_the_users(ann, django_assert_num_queries):
    make_project(1, team=[(ann, Role.CREATOR)])
    with CaptureQueriesContext(connection) as queries:
        assert len(recount(User.objects.all())) == 1
    make_project(1, team=[(make_user(number), Role.CREATOR) for number in range(20)])

    with django_assert_num_queries(len(queries)):
        assert len(recount(User.objects.all())) == 20


@pytest.mark.django_db(transaction=True)
def test_recount_refuses_to_work_outside_a_transaction():
    with pytest.raises(transaction.TransactionManagementError, match=r"inside transaction\.atomic"):
        recount(User.objects.all())


needs_row_locks = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has no row locks: one transaction writes at a time"
)


@needs_row_locks
def test_rows_are_locked_in_id_order_before_anything_is_computed(ann, django_assert_num_queries):
    with django_assert_num_queries(2) as queries:
        recount(User.objects.order_by("-pk"))

    lock, write = (query["sql"].strip() for query in queries)
    assert lock.startswith('SELECT "bazaar_user"."id"')
    assert lock.endswith("ORDER BY 1 ASC FOR NO KEY UPDATE")
    assert " SET " in write
    assert "COUNT(*)" in write


@needs_row_locks
@pytest.mark.django_db(transaction=True)
def test_a_vote_that_is_being_counted_elsewhere_is_not_lost(ann):
    project = make_project(1, team=[(ann, Role.CREATOR)])

    def recount_elsewhere():
        with transaction.atomic():
            return recount(User.objects.all())

    with transaction.atomic():
        Upvote.objects.create(user=ann, project=project)
        User.objects.filter(pk=ann.pk).update(karma=F("karma") + 1)
        thread, results = in_a_thread(recount_elsewhere)
        wait_until_blocked()
    thread.join()

    assert results == [[Change(ann.pk, 1, 2)]]
    assert User.objects.get(pk=ann.pk).karma == 2


PERSON = st.sampled_from(["live", "live", "live", "deleted", "anonymised"])
PROJECT = st.fixed_dictionaries(
    {
        "featured": st.booleans(),
        "voters": st.sets(st.integers(0, 11)),
        "team": st.dictionaries(st.integers(0, 11), st.sampled_from(Role), max_size=4),
    }
)


def make_community(people, stored, projects):
    gone = {"live": {}, "deleted": {"deleted_at": timezone.now()}, "anonymised": {"anonymized_at": timezone.now()}}
    users = [make_user(n, karma=stored[n], **gone[person]) for n, person in enumerate(people)]
    for plan in projects:
        project = Project.objects.create(title="A", is_featured=plan["featured"])
        for n in plan["voters"]:
            if n < len(users):
                Upvote.objects.create(user=users[n], project=project)
        for n, role in plan["team"].items():
            if n < len(users):
                Collaborator.objects.create(user=users[n], project=project, role=role)
    return users


@settings(max_examples=40, deadline=None)
@given(
    people=st.lists(PERSON, min_size=1, max_size=12),
    stored=st.lists(st.integers(0, 12), min_size=12, max_size=12),
    projects=st.lists(PROJECT, max_size=5),
)
def test_database_and_plain_python_agree_about_every_community(people, stored, projects):
    with transaction.atomic():
        users = make_community(people, stored, projects)
        karma = {u.pk: karma_in_plain_python(u) for u, person in zip(users, people, strict=True) if person == "live"}
        before = {user.pk: user.karma for user in users}
        wrong = {pk: right for pk, right in karma.items() if before[pk] != right}

        assert {user.pk for user in live_users()} == set(karma)
        assert {user.pk: karma_of(user.pk) for user in users} == {user.pk: karma.get(user.pk, 0) for user in users}
        assert dict(drifted().values_list("pk", "expected_karma")) == wrong
        assert recount(User.objects.all()) == [Change(pk, before[pk], wrong[pk]) for pk in sorted(wrong)]
        assert dict(User.objects.values_list("pk", "karma")) == before | karma
        assert not drifted().exists()

        transaction.set_rollback(True)
