"""What the shape of a document tells: pairs, changes, tables, and who somebody is."""

import json

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction import clean
from tests.bazaar.redaction.test_addresses import words

R = "[removed]"
VALUES = words(
    """
    lhs rhs fromString toString old_val changed_from added removed v answer multiValue text previousValue
    stringValue is somethingElse
    """
)


def stays(document):
    return clean(document) is document


@pytest.mark.parametrize("namer", ["field", "column", "attribute", "fieldName", "k", "key", "id", "path", "columnName"])
@pytest.mark.parametrize("value", VALUES)
def test_beside_the_name_of_a_personal_datum_every_value_goes(namer, value):
    assert clean({namer: "email", value: "x", "reason": "typo", "at": "2026-01-01"}) == {
        namer: "email",
        "reason": "typo",
        "at": "2026-01-01",
    }
    assert stays({namer: "title", value: "x"})


@pytest.mark.parametrize("namer", ["question", "label", "kind", "type", "prompt"])
def test_beside_a_weaker_name_only_values_go(namer):
    assert clean({namer: "phone number", "answer": "030", "template": "x"}) == {namer: "phone number", "template": "x"}


def test_things_that_are_not_the_datum_stay_beside_it():
    kept = {"field": "email", "required": True, "count": 3, "position": 2, "project": {"id": 7}, "parts": [{"n": 1}]}
    assert stays(kept)
    assert clean({"field": "phone", "contact_number_as_number": 4930901820}) == {"field": "phone"}


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ([["Cookie", "x"], ["Accept", "y"]], [["Cookie", R], ["Accept", "y"]]),
        ({"diff": [["~", "email", ["a", "b"]]]}, {"diff": [["~", "email", R]]}),
        ({"tags": [["user", "id:4"], ["env", "prod"]]}, {"tags": [["user", R], ["env", "prod"]]}),
        (["Host", "h", "User-Agent", "M 5", "Cookie", "z"], ["Host", "h", "User-Agent", R, "Cookie", R]),
        ({"args": ["--email", "ann", "--dry-run"]}, {"args": ["--email", R, "--dry-run"]}),
        (
            {"columns": ["id", {"name": "E-Mail"}], "rows": [[1, "x"], [2, None], {"email": 1, "id": 3}]},
            {"columns": ["id", {"name": "E-Mail"}], "rows": [[1, R], [2, None], {"id": 3}]},
        ),
        ({"keys": ["plan", "phone"], "values": ["pro", "1"]}, {"keys": ["plan", "phone"], "values": ["pro", R]}),
        (
            {"headers": [{"name": "Accept", "value": "*/*"}, {"name": "Cookie", "value": "x"}]},
            {"headers": [{"name": "Accept", "value": "*/*"}, {"name": "Cookie"}]},
        ),
    ],
)
def test_pairs_tables_and_lists_in_which_names_and_values_take_turns(dirty, cleaned):
    assert clean(dirty) == cleaned
    assert stays(cleaned)


@pytest.mark.parametrize(
    "document", [["email", "push"], {"channels": ["email", "push", "phone", "sms"]}, [["id", 1], ["plan", "pro"]]]
)
def test_lists_of_words_stay(document):
    assert stays(document)


PERSONS = words(
    """
    deleted_user banned_user removed_member from_user to_user user_ref user_key user_slug customer_no
    whodunnit by login handle principal initiator maintainer organizer manager cardholderName
    account_holder_name billing_name patient_name signatoryName issue_author approving_manager accountHolder
    """
)
THINGS = words(
    """
    user_count phone_model package_manager text_editor max_user db_user user_type customer_tier login_attempts
    sort_by manager_enabled principal_amount authority
    """
)


@pytest.mark.parametrize("key", PERSONS)
def test_who_somebody_is_goes(key):
    assert clean({key: "ann", "n": 1}) == {"n": 1}


@pytest.mark.parametrize("key", THINGS)
def test_what_only_contains_a_word_for_a_person_stays(key):
    assert stays({key: "x"})


def test_below_a_person_what_identifies_it_goes():
    parts = dict.fromkeys(["first", "last", "fname", "handle", "id", "html_url", "login", "self"], "x")
    assert clean({"patient": {**parts, "role": "r", "plan": "p"}}) == {"patient": {"role": "r", "plan": "p"}}
    assert clean({"target": [{"type": "User", "id": "x"}, {"type": "App", "id": "y"}]}) == {
        "target": [{"type": "User"}, {"type": "App", "id": "y"}]
    }


def test_a_name_is_of_a_thing_only_where_something_says_so():
    assert stays({"project": {"name": "Zeppelin"}, "projects": [{"name": "A"}], "x": {"type": "project", "name": "B"}})
    for key in ("data", "before", "contact", "billing", "x"):
        assert clean({key: {"name": "Ann"}}) == {key: {}}


@pytest.mark.parametrize("value", [">=", "and", "in", "", True])
def test_an_operator_is_nobody(value):
    assert stays({"operator": value})


NAMERS = st.sampled_from(["field", "k", "path", "column", "title", "type"])
KEYS = st.sampled_from([*VALUES, "reason", "name", "email", "user", "id", "rows", "columns", "headers", "project"])
TEXTS = st.sampled_from(
    ["email", "title", "User", "project", "x", "Cookie", "--email", R, "a=b&email=c", '{"name": "x"}']
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(NAMERS | KEYS, parts, max_size=5),
    max_leaves=20,
)


@given(ANYTHING)
def test_cleaning_twice_is_cleaning_once(document):
    before = json.dumps(document)

    cleaned = clean(document)

    assert clean(cleaned) is cleaned
    assert json.dumps(document) == before
