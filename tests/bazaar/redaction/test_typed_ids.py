"""An id that says that it is a person's goes, under whatever key."""

import pytest

from bazaar.redaction import clean, clean_json

UUID = "0b5c2f1e-9aa1-4f44-8a0f-3a4c6f0d2b11"


@pytest.mark.parametrize(
    "value", ["user-88213", "contact:5512", "Patient/95", f"customer_{UUID}", "by member#77 today"]
)
def test_ids_of_persons_go(value):
    cleaned = clean({"key": value})

    assert "[removed]" in cleaned["key"]
    assert clean_json(f'{{"key": "{value}"}}') == f'{{"key": "{cleaned["key"]}"}}'


@pytest.mark.parametrize(
    "value", ["order-88213", "user-service-7d4f", "web-17", "users-2026.csv", "user-agent", "step_user_2"]
)
def test_ids_of_things_stay(value):
    document = {"key": value}

    assert clean(document) is document
    assert clean_json(f'{{"key": "{value}"}}') is None
