"""The fast path: only a yes is an answer, and it is never wrong."""

import json
from pathlib import Path

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
        {"type": "sn", "vals": ["x"], "op": "replace"},
        ["email", "x"],
        {"user": "ann"},
    ],
)
def test_what_might_be_personal_is_left_to_the_cleaner(document):
    assert not is_clean(json.dumps(document))
    assert not is_clean(json.dumps(document, ensure_ascii=False))


CORPUS = Path(__file__).parent / "corpus"


def parts(document):
    """Yield a document and all objects, lists and values in it."""
    yield document
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    for part in inner:
        yield from parts(part)


def test_what_is_no_json_is_left_to_the_cleaner():
    assert is_clean('{"plan": "pro"}')
    assert not is_clean('{"plan": "pro}')
    assert not is_clean('{"plan": ["pro", "x]}')


@pytest.fixture(scope="module")
def corpus():
    """All objects of the corpus, and what their values are."""
    cases = [json.loads(file.read_text()) for file in sorted(CORPUS.glob("*.json"))]
    found = [part for case in cases for part in parts(case["document"])]
    objects = [part for part in found if isinstance(part, dict)]
    keys = sorted({key for part in objects for key in part})
    values = sorted({part for part in found if isinstance(part, str)})
    return objects, keys, values


@pytest.mark.parametrize("separators", [None, (",", ":")], ids=["spaced", "compact"])
def test_what_is_clean_at_once_in_the_corpus_is_clean_to_the_cleaner(corpus, separators):
    objects, _, values = corpus
    at_once = [part for part in [*objects, *values] if is_clean(json.dumps(part, separators=separators))]

    assert len(at_once) > 500
    for part in at_once:
        assert redaction.clean(part) is part


@given(st.data())
def test_words_of_the_corpus_put_together_otherwise_are_clean_to_the_cleaner_too(corpus, data):
    _, keys, values = corpus
    inner = st.sampled_from(values) | st.integers(0, 10**17) | st.none()
    lists = st.lists(inner, max_size=4)
    objects = st.dictionaries(st.sampled_from(keys), inner | lists, max_size=4)
    document = data.draw(
        st.dictionaries(st.sampled_from(keys), inner | lists | objects | st.lists(objects, max_size=2))
    )
    if is_clean(json.dumps(document)):
        assert redaction.clean(document) is document


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
