"""Types of options: what they take, and that everything else is refused."""

import argparse

import pytest

from maintenance.cli import options
from maintenance.cli.options import LARGEST
from maintenance.cli.refusals import USAGE, Refusal


@pytest.mark.parametrize("text", ["1", " 7 ", str(LARGEST)])
def test_a_number_from_the_smallest_to_the_largest_is_taken(text):
    assert options.at_least(1, int)(text) == int(text)


@pytest.mark.parametrize("text", ["0", "-1", str(LARGEST + 1), "", "1.5", "one", "nan", "1e3"])
def test_another_number_is_refused(text):
    with pytest.raises(ValueError):
        options.at_least(1, int)(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "0.05"])
def test_a_fraction_is_compared_like_any_number(text):
    parse = options.at_least(0.1, float)
    assert parse("0.1") == 0.1
    with pytest.raises(ValueError):
        parse(text)


def test_argparse_names_the_type_in_its_refusal():
    assert options.at_least(1, int).__name__ == "number (at least 1)"
    assert "at most 9" in options.text_of_at_most(9).__name__


@pytest.mark.parametrize("text", ["0", "42", "007", str(LARGEST)])
def test_an_id_is_a_whole_number(text):
    assert options.identifier(text) == int(text)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "\u0663", "\u00b2", str(LARGEST + 1), " 1", "1_000"])
def test_what_is_no_id_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError):
        options.identifier(text)


def test_a_text_has_a_length_in_characters():
    text = options.text_of_at_most(3)

    assert text("\u00e4\u00f6\u00fc") == "\u00e4\u00f6\u00fc"
    with pytest.raises(ValueError):
        text("four")


def test_a_text_that_is_not_utf_8_is_refused():
    with pytest.raises(ValueError):
        options.text_of_at_most(100)("\udcff")


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser()
    actions = parser.add_subparsers(dest="action")
    first, second = actions.add_parser("first"), actions.add_parser("second")
    options.add_json_option(parser, first, second)
    return parser


@pytest.mark.parametrize(
    ("words", "is_json"),
    [([], False), (["--json"], True), (["first"], False), (["first", "--json"], True), (["--json", "second"], True)],
)
def test_json_may_stand_before_and_after_an_action(parser, words, is_json):
    assert parser.parse_args(words).json is is_json


def test_all_parsers_of_a_command_are_found_with_their_path(parser):
    child = parser._actions[1].choices["first"].add_subparsers().add_parser("inner")

    assert dict(options.parsers_of(parser))["first", "inner"] is child
    assert [path for path, _ in options.parsers_of(parser)] == [(), ("first",), ("first", "inner"), ("second",)]


def test_one_word_is_an_expression_whatever_it_is():
    assert options.expression_of(["nonsense"]) == "nonsense"


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["30", "4", "*", "*", "*"], "write '30 4 * * *'."),
        (["30", "4", "a.py", "b.py", "c.py", "d.py"], "write '30 2 * * *', for example."),
        (["30", "99", "*", "*", "*"], "write '30 2 * * *', for example."),
    ],
)
def test_an_expression_without_quotes_is_told_with_them(words, advice):
    with pytest.raises(Refusal) as refused:
        options.expression_of(words)

    assert str(refused.value).endswith(advice)
    assert refused.value.exit_status == USAGE
