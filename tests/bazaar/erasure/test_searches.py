"""The search of everybody's texts: in parts, once for any number of requests; and what each erasure reads."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given, strategies as st

from bazaar.erasure import erase, searches
from bazaar.models import Notification, User
from bazaar.redaction import rule
from bazaar.redaction.addresses import AddressSet
from bazaar.searches.models import ErasureSearch, ErasureSearchHit, ErasureSearchPart
from tests.factories import AuditLogFactory, NotificationFactory, UserFactory

NOW = timezone.now()
ADDRESS = st.from_regex(r"\A[a-c.+'_-]{1,4}@[a-b]\.org\Z")


@pytest.fixture
def requests(request_deletion, db):
    return [request_deletion(UserFactory(email=f"user-{number}@example.org")) for number in range(3)]


def search():
    with transaction.atomic():
        searches.plan(NOW)
        for part in ErasureSearchPart.objects.all():
            searches.perform(part)


@given(st.sets(ADDRESS, min_size=1, max_size=8), st.text("abc.+'_-@org <>\"%&\\=é", max_size=40), st.data())
def test_no_text_with_an_address_is_passed_over(addresses, around, data):
    names = searches.Names(addresses)
    address = data.draw(st.sampled_from(sorted(addresses)))
    text = f"{around} {data.draw(st.sampled_from([address, address.upper(), f'<{address}>']))} {around}"

    assert names.may_be_in(text)
    assert not AddressSet(addresses).is_in(around) or names.may_be_in(around)


@pytest.mark.django_db
def test_a_text_of_somebody_else_is_passed_over():
    assert not searches.Names(["ann@example.org"]).may_be_in("Write to ben@example.org, said ann.")


def test_what_is_found_is_kept_by_request(requests):
    mentioned = NotificationFactory(body="From user-0@example.org and USER-1@example.org")
    NotificationFactory(body="From somebody@example.org")

    search()

    found = ErasureSearchHit.objects.filter(model="bazaar.Notification").values_list("request", "row")
    assert set(found) == {(requests[number].pk, str(mentioned.pk)) for number in (0, 1)}
    assert searches.found_for(requests[0]).rows["bazaar.Notification"] == [str(mentioned.pk)]
    assert "bazaar.Notification" not in searches.found_for(requests[2]).rows


def test_a_search_that_is_not_finished_serves_nobody(requests):
    searches.plan(NOW)

    assert ErasureSearchPart.objects.exists()
    assert searches.found_for(requests[0]) is None


def test_a_request_that_comes_due_later_gets_a_search_of_its_own(requests, request_deletion):
    searches.plan(NOW)
    late = request_deletion(UserFactory())

    searches.plan(NOW)

    assert [search.requests for search in ErasureSearch.objects.order_by("pk")] == [
        [request.pk for request in requests],
        [late.pk],
    ]


@pytest.mark.parametrize(("age", "is_new"), [(searches.SERVES, False), (searches.SERVES + timedelta(seconds=1), True)])
def test_what_was_found_serves_for_half_a_day(requests, age, is_new):
    search()
    before = ErasureSearch.objects.get().pk

    searches.plan(NOW + age)

    assert (ErasureSearch.objects.get().pk != before) is is_new


def test_each_table_is_read_once(requests):
    AuditLogFactory(metadata={"note": "user-0@example.org"})
    NotificationFactory()

    searches.plan(NOW)

    models = list(ErasureSearchPart.objects.values_list("model", flat=True))
    assert len(models) == len(set(models))
    assert {"bazaar.AuditLog", "bazaar.Notification", "bazaar.User"} <= {*models}


def test_logs_that_the_cleaner_found_clean_are_not_searched(requests):
    log = AuditLogFactory(user=None, metadata={"note": "user-0@example.org"}, cleaned_version=rule.number())

    search()

    assert not ErasureSearchHit.objects.filter(row=str(log.pk)).exists()


# What an erasure reads


def rows_read():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables"
        )
        return dict(cursor.fetchall())


def fill(number):
    """Give others `number` rows in each of the tables that grow with the site, and tell the planner."""
    user = UserFactory()
    old = "now() - interval '9 days'"
    numbers = "generate_series(1, %(n)s) n"
    rows = {
        "auditlog (action, resource_type, metadata, cleaned_version, created_at)": f"'x', '', '{{}}', 0, {old}",
        "notification (user_id, type, title, body, data, read, created_at)": f"%(u)s, 'x', '', '', '{{}}', true, {old}",
        "loginattempt (email, user_id, success, user_agent, device, network, created_at)": (
            f"'x' || n, %(u)s, true, '', '', '', {old}"
        ),
        "project (title, description, url, repo_url, status, is_featured, created_at, updated_at)": (
            f"'x', '', '', '', 'building', false, {old}, {old}"
        ),
        "upload (file, original_name, mime_type, size, uploaded_by_id, created_at)": (
            f"n || '.png', '', '', 1, %(u)s, {old}"
        ),
    }
    statements = [f"INSERT INTO bazaar_{table} SELECT {values} FROM {numbers}" for table, values in rows.items()]
    of_projects = {
        "upvote (user_id, project_id, created_at)": f"%(u)s, id, {old}",
        "invitation (email, invited_by_id, project_id, role, token_hash, expires_at, created_at)": (
            f"'y' || id, %(u)s, id, 'advisor', 't' || id, now(), {old}"
        ),
    }
    statements += [
        f"INSERT INTO bazaar_{table} SELECT {values} FROM bazaar_project ON CONFLICT DO NOTHING"
        for table, values in of_projects.items()
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, {"n": number, "u": user.pk})
        cursor.execute("ANALYZE")


@pytest.mark.postgresql  # its statistics count the rows that are read
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("anonymize", [True, False])
def test_the_rows_that_an_erasure_reads_do_not_grow_with_the_tables(request_deletion, anonymize):
    totals = []
    for number in (2_000, 20_000):
        fill(number)
        user = UserFactory()
        Notification.objects.bulk_create(Notification(user=user, type="x", title="x") for _ in range(50))
        User.objects.update(updated_at=NOW - timedelta(days=9))
        request = request_deletion(user, anonymize=anonymize)
        search()
        searched = searches.found_for(request)
        before = rows_read()
        with transaction.atomic():
            assert erase(request.pk, timezone.now(), searched=searched)
        after = rows_read()
        totals.append({name: after[name] - before.get(name, 0) for name in after if name.startswith("bazaar_")})

    few, many = totals
    grown = {name: (few[name], many[name]) for name in many if many[name] > few.get(name, 0) * 1.2 + 200}
    assert grown == {}
