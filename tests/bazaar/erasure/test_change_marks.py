"""Rows that change after they were searched, whatever their time says, are read again by each erasure."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from bazaar.erasure import change_marks, erase, searches
from bazaar.erasure.inventory import collect
from bazaar.erasure.selectors import Search
from bazaar.models import AuditLog, Notification, Session, User
from bazaar.redaction import rule
from bazaar.searches.models import ChangedRow, ErasureSearch, ErasureSearchPart
from bazaar.sessions import SessionStore
from tests.bazaar.erasure.test_columns import row_with
from tests.factories import AuditLogFactory, NotificationFactory, UserFactory

pytestmark = pytest.mark.django_db

ADDRESS = "ann@example.org"
LONG_AGO = timezone.now() - timedelta(days=100)
COLUMNS = sorted(
    {
        (policy.model, name)
        for policy in collect()
        if isinstance(policy.selector, Search) and policy.selector.changed and policy.anonymise.text.startswith("their")
        for name in policy.fields
    }
)


def search(now=None):
    with transaction.atomic():
        searches.plan(now or timezone.now())
        for part in ErasureSearchPart.objects.all():
            searches.perform(part)


def carry_out(request):
    with transaction.atomic():
        return erase(request.pk, timezone.now(), searched=searches.found_for(request))


def make_old(row):
    """Give each time of a row a value of long ago, past what an erasure looks at as new."""
    times = [f.name for f in row._meta.concrete_fields if f.get_internal_type() == "DateTimeField" and not f.null]
    type(row)._base_manager.filter(pk=row.pk).update(**dict.fromkeys(times, LONG_AGO))


def marked():
    return list(ChangedRow.objects.values_list("model", "row"))


@pytest.mark.parametrize(("model", "column"), COLUMNS)
def test_an_address_that_comes_into_an_old_row_after_the_search_is_removed(model, column, request_deletion):
    request = request_deletion(UserFactory(email=ADDRESS))
    row = row_with(model, column, "x")
    rows = type(row)._base_manager.filter(pk=row.pk)
    make_old(row)
    search()

    rows.update(**{column: {"note": f"by {ADDRESS}"} if column in {"metadata", "data"} else f"by {ADDRESS}"})
    carry_out(request)

    assert ADDRESS not in str(rows.values(column).get()[column])


def test_a_row_that_is_inserted_with_an_old_time_is_searched(request_deletion):
    request = request_deletion(UserFactory(email=ADDRESS))
    search()
    late = NotificationFactory(body=f"From {ADDRESS}", created_at=LONG_AGO)

    carry_out(request)

    late.refresh_from_db()
    assert late.body == "From [removed]"


def test_a_row_whose_time_becomes_old_is_searched(request_deletion):
    request = request_deletion(UserFactory(email=ADDRESS))
    search()
    late = NotificationFactory(body=f"From {ADDRESS}")
    make_old(late)

    carry_out(request)

    late.refresh_from_db()
    assert late.body == "From [removed]"


def test_no_key_of_a_session_is_copied_to_a_mark():
    store = SessionStore()
    soon = timezone.now() + timedelta(minutes=5)
    session = Session.objects.create(session_key="a" * 32, session_data=store.encode({}), expire_date=soon)
    Session.objects.filter(pk=session.pk).update(session_data=store.encode({"draft": ADDRESS}))

    assert not ChangedRow.objects.exists()


def test_a_log_that_was_clean_is_marked_when_an_address_comes_into_it():
    log = AuditLogFactory(cleaned_version=rule.number())
    make_old(log)

    AuditLog.objects.filter(pk=log.pk).update(metadata={"note": ADDRESS})

    assert marked() == [("bazaar.AuditLog", str(log.pk))]


def test_what_the_cleaner_writes_is_not_marked():
    log = AuditLogFactory(cleaned_version=0, metadata={})
    make_old(log)

    AuditLog.objects.filter(pk=log.pk).update(metadata={"note": ADDRESS}, cleaned_version=rule.number())
    assert marked() == []

    AuditLog.objects.filter(pk=log.pk).update(metadata={"note": f"To {ADDRESS}"})
    assert marked() == [("bazaar.AuditLog", str(log.pk))]


def test_only_a_change_to_a_text_that_may_hold_an_address_is_marked():
    user = UserFactory(bio="Nobody")
    make_old(user)
    User.objects.filter(pk=user.pk).update(karma=3, bio="Somebody")
    assert marked() == []

    User.objects.filter(pk=user.pk).update(bio=f"Bücher: {ADDRESS}")
    User.objects.filter(pk=user.pk).update(karma=4)

    assert marked() == [("bazaar.User", str(user.pk))]


def test_what_is_new_by_its_time_is_not_marked():
    notification = NotificationFactory(body=ADDRESS)
    Notification.objects.filter(pk=notification.pk).update(title=ADDRESS)

    assert marked() == []


def test_marks_are_kept_as_long_as_a_search_needs_them(request_deletion):
    def row():
        return ChangedRow.objects.create(model="bazaar.User", row="1")

    row()
    request = request_deletion(UserFactory())
    search()
    assert not ChangedRow.objects.exists(), "the search has read this row"

    row()
    request_deletion(UserFactory())
    searches.plan(timezone.now())
    assert ChangedRow.objects.exists(), "the first search needs it"
    assert searches.found_for(request).rows["bazaar.User"] == ["1"]

    ErasureSearch.objects.all().delete()
    searches.plan(timezone.now())
    assert not ChangedRow.objects.exists()


def test_where_triggers_were_dropped_the_next_run_searches_anew(request_deletion):
    request_deletion(UserFactory())
    search()
    user, plan = UserFactory(), [(None, False)]
    make_old(user)

    change_marks.drop_triggers(plan=plan)
    User.objects.filter(pk=user.pk).update(bio=ADDRESS)
    assert marked() == []
    change_marks.install_triggers(plan=plan)

    assert not ErasureSearch.objects.exists()
    User.objects.filter(pk=user.pk).update(bio=f"I am {ADDRESS}")
    assert marked() == [("bazaar.User", str(user.pk))], "the triggers are there again"


@pytest.mark.postgresql  # SQLite lets nobody else write meanwhile
@pytest.mark.django_db(transaction=True)
class TestWhatIsCommittedAfterTheSearch:
    """Another transaction writes before a search begins, and commits after it has ended."""

    @pytest.fixture
    def somebody(self):
        return UserFactory()

    @pytest.fixture
    def late(self):
        """Open a transaction on a connection of its own, in which a test writes, and which it commits."""
        database = connection.copy()
        database.set_autocommit(False)
        yield database
        database.close()

    def test_a_text_that_was_changed_is_searched(self, request_deletion, late):
        request = request_deletion(UserFactory(email=ADDRESS))
        notification = NotificationFactory(body="x", created_at=LONG_AGO)
        with late.cursor() as cursor:
            cursor.execute("UPDATE bazaar_notification SET body = %s", [f"From {ADDRESS}"])
        search()
        late.commit()

        carry_out(request)

        notification.refresh_from_db()
        assert notification.body == "From [removed]"

    @pytest.mark.parametrize("age", [timedelta(0), timedelta(minutes=6), timedelta(days=100)])
    def test_a_row_that_was_inserted_is_searched(self, request_deletion, late, somebody, age):
        request = request_deletion(UserFactory(email=ADDRESS))
        with late.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bazaar_notification (user_id, type, title, body, data, read, created_at) "
                "VALUES (%s, 'x', '', %s, '{}', false, now() - %s)",
                [somebody.pk, f"From {ADDRESS}", age],
            )
        search(timezone.now() + timedelta(hours=1))  # it was open for so long
        late.commit()
        inserted = Notification.objects.get(body=f"From {ADDRESS}")

        carry_out(request)

        inserted.refresh_from_db()
        assert inserted.body == "From [removed]"

    def test_the_oldest_transaction_that_has_written_is_known(self, late):
        now = timezone.now()
        assert searches._oldest_transaction(now) == now
        with late.cursor() as cursor:
            cursor.execute("SELECT now()")
            (began,) = cursor.fetchone()
            assert searches._oldest_transaction(timezone.now()) > began, "it has written nothing"
            cursor.execute("UPDATE bazaar_user SET karma = 0")
            cursor.execute("SELECT pg_current_xact_id()")

        assert searches._oldest_transaction(timezone.now()) == began
