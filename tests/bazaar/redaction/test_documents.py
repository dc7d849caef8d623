"""Numbers keep their text, and no document keeps its row: cleaned, or replaced by a mark."""

import json

import pytest
from hypothesis import given, settings, strategies as st

from bazaar.redaction import UNREADABLE, clean, clean_json
from tests.bazaar.redaction.memory import forget
from tests.bazaar.redaction.test_addresses import PIECES
from tests.bazaar.redaction.work import work

NUMBERS = [
    "12345678901234567.89",
    "1.50",
    "1e400",
    "-1E-7",
    "-0",
    "-0.0",
    "9" * 5_000,
    "0.1",
    "3",
    "1e5",
    "0.30000000000000004",
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:12])
def test_numbers_keep_their_text(number):
    assert clean_json(f'{{"n": {number}, "email": 1, "m": [{number}]}}') == f'{{"n": {number}, "m": [{number}]}}'
    assert clean_json(f'{{"n": {number}}}') is None


def test_a_text_that_looks_like_the_mark_of_a_number_stays_a_text():
    text = json.dumps({"n": "deadbeef:12", "email": 1})
    assert clean_json(text) == '{"n": "deadbeef:12"}'


@pytest.mark.parametrize(
    "document",
    ['{"email": 1', "[" * 50_000 + '{"email": 1}' + "]" * 50_000, '{"a": "\\', '{"email": NaN,}', '"ann@example.org'],
    ids=["cut off", "deep", "escape", "comma", "quote"],
)
def test_what_cannot_be_read_is_replaced(document):
    assert clean_json(document) == UNREADABLE
    assert clean_json(UNREADABLE) is None


@pytest.mark.parametrize("order", [["b", "a", "c"], ["c", "b", "a"]])
def test_keys_keep_their_order(order):
    document = json.dumps({"email": 1, **dict.fromkeys(order, 2)})
    assert list(json.loads(clean_json(document))) == order


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join), st.sampled_from(["", "z", "@", "@x.org"])
)
def test_the_work_grows_with_a_document_and_not_faster(piece, end):
    def look(text):
        forget()
        clean({"x": text, text: 1, "list": [text]})

    look(piece + end)  # what is loaded once is loaded
    assert work(look, piece * 400 + end) <= 6 * work(look, piece * 100 + end) + 10_000


@pytest.mark.parametrize("shape", ["keys", "list", "pairs", "depth"])
def test_the_work_grows_with_the_number_of_parts(shape):
    def build(number):
        return {
            "keys": {f"user_{n}_name": n for n in range(number)},
            "list": [f"a{n}@example.org" for n in range(number)],
            "pairs": [["email", n] for n in range(number)],
            "depth": json.loads('{"a":' * min(number, 900) + "1" + "}" * min(number, 900)),
        }[shape]

    def look(number):
        forget()
        clean(build(int(number)))

    look("9")
    assert work(look, "800") <= 6 * work(look, "200") + 10_000
