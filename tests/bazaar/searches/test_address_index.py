"""The index of audit logs by addresses: it tells every log in which an address stands, in any spelling."""

import json

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings, strategies as st

from bazaar.erasure import searches
from bazaar.erasure.actions import NEEDED
from bazaar.models import AuditLog
from bazaar.redaction.addresses import CANDIDATE, AddressSet, normalise
from bazaar.searches import address_index
from tests.bazaar.redaction.dresses import ADDRESSES, dressed
from tests.factories import AuditLogFactory

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]  # SQLite has no such index

NAME = st.from_regex(r"\A[A-Ca-c0-1.+'_/*!-]{1,6}\Z")
AROUND = st.text("aB1 .,;:<>()[]{}'\"`/|\\=&%?+_-@é\n", max_size=12)
ANY_TIME = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def keys_in(content):
    with connection.cursor() as cursor:
        cursor.execute("SELECT bazaar_address_keys(%s)", [content])
        return {*(cursor.fetchone()[0] or ())}


def assert_told(text, address):
    """The name of a column stands before and behind a text in the index, and JSON in the last one of them."""
    wanted = address_index.keys_of([normalise(address)])
    for content in (text, f"project.updated {text} x", json.dumps({"note": text}), json.dumps({text: [1]})):
        if AddressSet([address]).is_in(content):
            assert wanted is None or keys_in(content) & wanted, content


@ANY_TIME
@given(ADDRESSES.flatmap(lambda address: st.tuples(st.just(address), dressed(address))), AROUND, AROUND)
def test_an_address_in_any_dress_is_told(case, before, after):
    address, text = case
    assert_told(f"{before}{text}{after}", address)
    assert_told(text, address)


@ANY_TIME
@given(NAME, AROUND, AROUND, st.sampled_from(["", '"']))
@example("_", " ", "", "")
@example("_ann_", "x", "", "")
@example("ann", "x@y.org,", "", '"')
@example("ann", "an=\n", "", "")
@example("ann", "a%20", "", "")
def test_any_name_between_any_marks_is_told(name, before, after, quote):
    address = f"{name}@example.org"
    assert_told(f"{before}{quote}{name}{quote}@Example.org{after}", address)


@pytest.mark.parametrize(
    "text", ["an<wbr>n@example.org", "ann<WBR />@example.org", "an=\r\nn@example.org", "&#97;nn@example.org"]
)
def test_an_encoding_in_a_name_is_told(text):
    assert_told(f"by {text}", "ann@example.org")
    assert address_index.READ_ALWAYS in keys_in(f"by {text}")


def test_only_a_log_with_an_address_is_in_the_index():
    assert keys_in("Mozilla/5.0 (X11; Linux x86_64)") == set()
    assert keys_in("/search?q=a&page=2 50% \\n Jörg") == set()
    assert keys_in("ann%40example.org") == {address_index.READ_ALWAYS}


@pytest.mark.parametrize("beside", ["", "Jörg Müller, 50 %", '{"url": "/search?q=a&b=c", "note": "a\\nb"}'])
def test_what_stands_beside_an_address_does_not_make_it_uncertain(beside):
    text = f'{beside} {{"to": "Ann.Smith@example.org", "from": "<ben@example.org>"}} {beside}'

    assert keys_in(text) == {"smith", "ben"}


def test_the_logs_of_an_address_are_looked_up():
    found = AuditLogFactory(metadata={"by": ["ANN.SMITH@example.org"]})
    encoded = AuditLogFactory(user_agent="from=ben%40example.org")
    AuditLogFactory(metadata={"by": "ben@example.org"})

    assert address_index.candidates(["ann.smith@example.org"]) == [found.pk, encoded.pk]


def test_an_address_without_a_letter_or_digit_is_not_looked_up():
    assert address_index.candidates(["_@example.org"]) is None
    assert address_index.candidates(["jörg@example.org"]) == []


def test_without_the_index_nothing_is_looked_up():
    AuditLogFactory(metadata={"by": "ann@example.org"})
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {address_index.NAME}")

    assert address_index.candidates(["ann@example.org"]) is None


def test_the_index_is_used():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bazaar_auditlog (action, resource_type, metadata, cleaned_version, created_at) "
            "SELECT 'x', '', jsonb_build_object('by', 'user' || n || '@example.org'), 0, now() "
            "FROM generate_series(1, 2000) n"
        )
        cursor.execute("ANALYZE bazaar_auditlog")
        cursor.execute(f"EXPLAIN {address_index._FIND}", [["user1", "user2", "*"]])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert address_index.NAME in plan
    assert "Seq Scan" not in plan


def test_the_index_covers_every_column_that_a_search_reads():
    read = {
        name
        for step in searches.searched_steps()
        if step.model is AuditLog
        for name in (*step.texts("anonymise"), *step.texts("delete"))
    }

    assert read == {*address_index.COLUMNS}
    assert all(name in address_index.CONTENT for name in read)


def test_the_function_knows_every_encoding():
    """It cannot be changed: where this fails, write another function, and a migration that builds its index."""
    assert f"'{CANDIDATE.replace('[@', '[')}'" in address_index.FUNCTION
    assert f"'{NEEDED}'" in address_index.FUNCTION
