"""The list of deletion requests."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bazaar.admin.deletions import in_words
from bazaar.admin.moments import in_utc
from bazaar.erasure import erase
from bazaar.models import User
from tests.bazaar.admin.deletion_actions import ACTIONS, REQUESTS, USERS, choose
from tests.bazaar.admin.pages import get, url
from tests.factories import DeletionRequestFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def test_the_list_says_in_words_when_a_request_is_due(client):
    soon = DeletionRequestFactory(scheduled_for=timezone.now() + timedelta(days=3, hours=1))
    late = DeletionRequestFactory(scheduled_for=NOW - timedelta(days=40))
    over = DeletionRequestFactory(scheduled_for=NOW - timedelta(days=40), status="cancelled")

    page = get(client, REQUESTS).content.decode()

    assert page.count('<td class="field-due nowrap">') + page.count('<td class="field-due">') == 3
    assert "due in 3\xa0days" in page
    assert f"overdue since {in_utc(late.scheduled_for)}" in page
    assert page.count("overdue since") == 1
    for request in (soon, late, over):
        assert url(User, "change", request.user_pk) in page
        assert request.user.email not in page


def test_the_list_begins_with_what_is_due_next_and_goes_on_with_the_latest_of_the_others(client):
    soon, late, overdue = (DeletionRequestFactory(scheduled_for=NOW + timedelta(days=days)) for days in (3, 9, -1))
    done, cancelled = (DeletionRequestFactory(status=status) for status in ("completed", "cancelled"))

    listed = list(get(client, REQUESTS).context["cl"].result_list)

    assert listed == [overdue, soon, late, cancelled, done]


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(0), "due in 0\xa0minutes"),
        (timedelta(microseconds=-1), "overdue since"),
        (timedelta(hours=5, minutes=10), "due in 5\xa0hours"),
        (timedelta(days=1), "due in 1\xa0day"),
        (timedelta(days=-3), "overdue since"),
    ],
)
def test_due_in_words(off, words):
    assert in_words(NOW + off, NOW).startswith(words)


def test_a_request_whose_user_is_gone_names_the_id_without_a_link(client, person):
    request = DeletionRequestFactory(user=person, scheduled_for=NOW - timedelta(days=1), anonymize_contributions=False)
    with transaction.atomic():
        erase(request.pk, NOW)

    page = get(client, REQUESTS).content.decode()

    assert f'<td class="field-whose">{request.user_pk}</td>' in page
    assert url(User, "change", request.user_pk) not in page


def test_the_list_is_filtered_by_state_and_by_what_is_due(client):
    day = timedelta(days=1)
    made = {
        "overdue": DeletionRequestFactory(scheduled_for=NOW - day),
        "soon": DeletionRequestFactory(scheduled_for=timezone.now() + 6 * day),
        "later": DeletionRequestFactory(scheduled_for=timezone.now() + 8 * day),
        "cancelled": DeletionRequestFactory(scheduled_for=NOW - day, status="cancelled"),
    }

    def found(**filters):
        return set(get_list(client, filters).context["cl"].result_list)

    for name in ("overdue", "soon", "later"):
        assert found(due=name) == {made[name]}
    assert found(status__exact="cancelled") == {made["cancelled"]}
    assert found(due="nonsense") == found() == set(made.values())


def get_list(client, filters):
    response = client.get(REQUESTS, filters)
    assert response.status_code == 200
    return response


@pytest.mark.parametrize(("address", "action"), ACTIONS)
def test_the_page_that_asks_takes_as_many_queries_for_thirty_rows_as_for_three(client, address, action):
    rows = DeletionRequestFactory.create_batch(30)
    rows = [row.user for row in rows] if address == USERS else rows
    choose(client, address, action, rows[:1])  # content types are read once
    counts = []
    for number in (3, 30):
        with CaptureQueriesContext(connection) as queries:
            page = choose(client, address, action, rows[:number])
            assert len(page.context["items"]) == number
        counts.append(len(queries))

    assert counts[0] == counts[1]
