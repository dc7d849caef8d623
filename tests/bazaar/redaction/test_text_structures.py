"""Tables, YAML and lines of logs in texts, and objects whose keys are persons: what goes, and how much work it is."""

import json

import pytest
from hypothesis import given, strategies as st

from bazaar.redaction import clean, clean_json
from bazaar.redaction.blocks import clean_block
from bazaar.redaction.log_lines import find_in_lines
from bazaar.redaction.text_tables import clean_table
from tests.bazaar.redaction.work import work

R = "[removed]"
PIECES = st.sampled_from(
    [
        *["name", "email", "plan", "Ann", "3", ",", ";", "|", '"', "-", "[", "]", "[removed]"],
        "\t",
        "\n",
        ": ",
        "- ",
        "  ",
        " from ",
        "user 'x'",
    ]
)
READERS = [clean_table, clean_block, lambda text: list(find_in_lines(text))]


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("id,surname,plan\n1,Roe,pro\n2,Poe,free\n", f"id,surname,plan\n1,{R},pro\n2,{R},free\n"),
        ('"last name";"plan"\r\n"Roe; Jr";"pro"\r\n', f'"last name";"plan"\r\n{R};"pro"\r\n'),
        ("| login | n |\n| --- | --- |\n| ann | 3 |", f"| login | n |\n| --- | --- |\n| {R} | 3 |"),
        ("surname:\n- Roe\n- Poe\nlogins:\n- 3\n", f"surname:\n- {R}\n- {R}\nlogins:\n- 3\n"),
        ("Failed password for ann from 192.0.2.1 port 22", f"Failed password for {R} from {R} port 22"),
        ("denied to User 'ann'", f"denied to User '{R}'"),
        ("Key (surname, plan)=(Roe, pro) already exists.", f"Key (surname, plan)=({R}) already exists."),
    ],
)
def test_structures_in_texts(dirty, cleaned):
    assert clean({"x": dirty}) == {"x": cleaned}
    document = {"x": cleaned}
    assert clean(document) is document


@pytest.mark.parametrize("text", ["a,b\n1,2", "red, green\nblue, white", "plan: pro\nsize: 3\n", "from here to there"])
def test_other_texts_stay(text):
    document = {"x": text}
    assert clean(document) is document


@pytest.mark.parametrize(
    "document",
    [{"users": {"active": 4, "new": 2}}, {"guests": {"max": 4}}, {"members": {"data": [], "has_more": False}}],
)
def test_words_below_several_persons_are_no_ids(document):
    assert clean(document) is document


@given(st.lists(PIECES, max_size=30).map("".join))
def test_cleaning_a_text_twice_is_cleaning_it_once(text):
    cleaned = clean({"x": text})

    assert clean(cleaned) is cleaned


@pytest.mark.parametrize("reader", READERS, ids=["table", "block", "lines"])
@given(st.lists(PIECES, min_size=1, max_size=8).map("".join))
def test_the_work_grows_with_the_text(reader, unit):
    work(reader, unit)  # what is remembered is known then
    small, large = work(reader, unit * 20), work(reader, unit * 80)

    assert large <= 5 * small + 400


def test_the_work_grows_with_the_number_of_persons():
    def document(number):
        return json.dumps({"members": {f"u{n}": {"role": "r"} for n in range(number)}})

    clean_json(document(400))
    small, large = work(clean_json, document(100)), work(clean_json, document(400))

    assert large <= 5 * small + 400
