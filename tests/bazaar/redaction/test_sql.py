"""The values of personal columns go from `INSERT`, in each of its rows."""

import pytest

from bazaar.redaction import clean


@pytest.mark.parametrize(
    ("statement", "cleaned"),
    [
        (
            "INSERT INTO t (id, first_name, plan) VALUES (7, 'Anouk', 'pro'), (8, 'O''Neil', 'free')",
            "INSERT INTO t (id, first_name, plan) VALUES (7, '[removed]', 'pro'), (8, '[removed]', 'free')",
        ),
        (
            'insert into t ("created", "phone") values (now(), 5550188) returning id',
            'insert into t ("created", "phone") values (now(), [removed]) returning id',
        ),
        (
            "UPDATE t SET first_name = 'Nela' WHERE user_id = 88",
            "UPDATE t SET first_name = '[removed]' WHERE user_id = [removed]",
        ),
        ("select * from t where last_name = 'Zeller'", "select * from t where last_name = '[removed]'"),
    ],
)
def test_personal_columns_go(statement, cleaned):
    assert clean({"text": statement}) == {"text": cleaned}
    assert clean({"text": cleaned}) == {"text": cleaned}


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t (id, plan) VALUES (7, 'pro')",
        "INSERT INTO t (phone) VALUES ($1)",
        "update t set plan = 'pro' where id = 5",
    ],
)
def test_the_rest_stays(statement):
    document = {"text": statement}

    assert clean(document) is document
