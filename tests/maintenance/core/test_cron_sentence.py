"""Sentence, next times and cron's own meaning agree, whatever the expression."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from croniter import croniter
from hypothesis import given, settings, strategies as st

from maintenance.core import cron
from maintenance.core.errors import InvalidCron
from tests.maintenance.core.cron_reckoning import LIMITS, NAMES, Cron, Sentence, is_a_day_that_comes

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))
COUNT = 4
A_TIME = 30
"""So many expressions are made of one seed: drawing each of their parts would take most of the time."""


class Expressions:
    """Expressions of the grammar, odd as they may be."""

    def __init__(self, seed):
        self.chance = Random(seed)

    def number(self, place):
        low, high = LIMITS[place]
        if NAMES[place] and self.chance.random() < 0.5:
            name = self.chance.choice(sorted(NAMES[place]))
            return self.chance.choice([name, name.upper(), name.title()]), NAMES[place][name]
        number = self.chance.randint(low, high)
        return self.chance.choice([str(number), f"{number:02}"]), number

    def item(self, place):
        step = self.chance.choice(["", "/1", "/2", "/3", "/7", f"/{self.chance.randint(1, LIMITS[place][1] + 2)}"])
        (first, _), (last, _) = sorted([self.number(place), self.number(place)], key=lambda number: number[1])
        return self.chance.choice([f"*{step}" if step else first, first, f"{first}-{last}{step}"])

    def field(self, place):
        if self.chance.random() < 0.3:
            return "*"
        return ",".join(self.item(place) for _ in range(self.chance.randint(1, 3)))

    def next(self):
        return " ".join(self.field(place) for place in range(5))


def holds(expression, moment):
    """Check one expression; return whether it was taken."""
    reckoned = Cron(expression)
    try:
        normalised = cron.normalise(expression)
    except InvalidCron as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        reasons = {
            "never comes": not is_a_day_that_comes(expression),
            "match both": reckoned.has_star,
            "reaches no second": "/" in expression,
            "too many values": "," in expression or "-" in expression or len(expression) > 20,
        }
        assert [why for why, is_true in reasons.items() if is_true and why in refusal], (expression, refusal)
        return False
    wanted = reckoned.next_times(moment, COUNT)
    assert cron.normalise(normalised) == normalised
    assert cron.next_times(normalised, moment, COUNT) == wanted, expression
    # What django-q2 does with the row, and what the reader of its fields in another cron does.
    assert croniter(normalised, moment).get_next(datetime) == wanted[0]
    assert Cron(normalised).next_times(moment, COUNT) == wanted
    assert cron.previous_time(normalised, wanted[1]) == wanted[0]
    sentence = Sentence(cron.describe(normalised))
    assert sentence.times_of_day == {hour * 60 + minute for hour in reckoned.bits[1] for minute in reckoned.bits[0]}
    days = [moment.date() + timedelta(days=number) for number in range(366)]
    assert [sentence.runs_on(day) for day in days] == [reckoned.runs_on(day) for day in days], cron.describe(normalised)
    return True


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), MOMENTS)
def test_sentence_times_and_cron_agree(seed, moment):
    expressions = Expressions(seed)
    for _ in range(A_TIME):
        holds(expressions.next(), moment)


@pytest.mark.parametrize(
    ("expression", "moment"),
    [
        ("0 0 1-31 * 1", datetime(2026, 1, 1, tzinfo=UTC)),
        ("0 0 1,15 * 1-5", datetime(2026, 1, 1, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2096, 3, 1, tzinfo=UTC)),
        ("*/40 */7 * * 5-7", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_rare_shapes_agree_too(expression, moment):
    assert holds(expression, moment)


def test_most_expressions_are_taken():
    """The property would say nothing if everything were refused."""
    plain = ["5 4 * * *", "*/15 9-17 * * mon-fri", "0 0,12 1 */2 *", "23 0-20/2 * * *", "0 4 8-14 * 1", "5 4 * * sun"]
    assert all(holds(expression, datetime(2026, 2, 28, 23, 59, tzinfo=UTC)) for expression in plain)


@pytest.mark.parametrize("place", range(5))
def test_every_step_and_every_range_of_each_field_means_what_cron_makes_of_it(place):
    low, high = LIMITS[place]
    texts = [f"*/{step}" for step in range(1, high + 3)]
    texts += [f"{low}-{last}" for last in range(low, high + 1)] + [f"{first}-{high}/2" for first in range(low, high)]
    for text in texts:
        parts = ["0", "0", "*", "*", "*"]
        parts[place] = text
        holds(" ".join(parts), datetime(2026, 5, 17, 13, 45, tzinfo=UTC))
