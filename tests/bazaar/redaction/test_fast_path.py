"""The fast path: only a yes is an answer, and it is never wrong."""

import json

import pytest
from hypothesis import given, strategies as st

from bazaar import redaction
from bazaar.redaction.fast_path import is_clean


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"status": "launched", "count": 3},
        {"changes": {"status": ["building", "launched"]}},
        {"duration_ms": 1.5, "is_new": True, "left": None},
    ],
)
def test_a_plain_document_is_clean_at_once(document):
    assert is_clean(json.dumps(document))


@pytest.mark.parametrize(
    "document",
    [
        {"email": "x"},
        {"note": "ann@example.org"},
        {"note": "192.0.2.1"},
        {"note": "2001:db8::1"},
        {"note": "ann%40example.org"},
        {"note": "caf\u00e9"},
        {"field": "email", "to": "x"},
        ["email", "x"],
        {"user": "ann"},
    ],
)
def test_what_might_be_personal_is_left_to_the_cleaner(document):
    assert not is_clean(json.dumps(document))
    assert not is_clean(json.dumps(document, ensure_ascii=False))


KEYS = st.sampled_from(["status", "field", "name", "email", "from", "to", "user", "count", "id", "project"]) | st.text(
    max_size=6
)
VALUES = (
    st.sampled_from(["email", "launched", "192.0.2.1", "ann", "a@b.org", "12", ""])
    | st.integers()
    | st.text(max_size=8)
)
DOCUMENTS = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@given(DOCUMENTS, st.booleans())
def test_what_is_clean_at_once_is_clean_to_the_cleaner(document, is_ascii):
    text = json.dumps(document, ensure_ascii=is_ascii)
    if is_clean(text):
        assert redaction.clean(document) is document
