"""The first few of a list."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bazaar.listing import first_few
from bazaar.models import User
from tests.factories import UserFactory


@pytest.mark.parametrize(
    ("number", "told"), [(0, ""), (1, "1"), (3, "1, 2, 3"), (4, "1, 2, 3 and others"), (9, "1, 2, 3 and others")]
)
def test_others_are_told_and_not_listed(number, told):
    assert first_few(range(1, number + 1), most=3) == told


def test_the_separator_may_be_another():
    assert first_few(["a, b", "c"], separator="; ") == "a, b; c"


@pytest.mark.django_db
def test_a_query_reads_one_row_more_than_it_shows():
    users = UserFactory.create_batch(3)

    with CaptureQueriesContext(connection) as queries:
        told = first_few(User.objects.order_by("pk").values_list("pk", flat=True), most=1)

    assert told == f"{users[0].pk} and others"
    assert [query["sql"].rpartition("LIMIT ")[2] for query in queries] == ["2"]
