from hypothesis import given, strategies as st

from maintenance.engine.batches import LARGEST, SMALLEST, BatchSize


def steps_until_settled(seconds_per_row: float) -> tuple[int, int]:
    size = BatchSize()
    for step in range(20):
        before = size.value
        size.learn(before, before * seconds_per_row)
        if size.value == before:
            return step, size.value
    raise AssertionError


def test_the_size_finds_its_target_in_a_few_steps_and_stays_there():
    steps, value = steps_until_settled(0.1 / 2_000)

    assert steps <= 4
    assert 1_900 <= value <= 2_100


@given(st.floats(min_value=0, max_value=1e6, allow_nan=False), st.integers(min_value=1, max_value=5_000))
def test_the_size_stays_within_its_bounds(seconds, rows):
    size = BatchSize()
    for _ in range(10):
        size.learn(rows, seconds)
        assert SMALLEST <= size.value <= LARGEST


def test_a_job_may_ask_for_single_units():
    size = BatchSize(largest=1)
    size.learn(1, 0.0001)

    assert size.value == 1


def test_one_batch_that_took_its_time_changes_little(settings):
    size = BatchSize()
    for _ in range(10):
        size.learn(size.value, size.value * 0.1 / 2_000)
    settled = size.value

    size.learn(settled, 1.5 * settings.MAINTENANCE_BATCH_SECONDS)
    assert 0.75 * settled < size.value < settled

    size.learn(size.value, 4 * settings.MAINTENANCE_BATCH_SECONDS)
    assert size.value < 0.3 * settled


def test_a_batch_whose_failing_row_was_isolated_costs_the_rest_of_the_run_two_batches_at_most():
    """Isolating a row repeats the batch in halves: it takes several times as long, and says nothing of other rows."""
    rows, per_row = 100_000, 0.1 / 2_000

    def batches(isolated_at=None):
        size, left, number = BatchSize(), rows, 0
        while left > 0:
            taken = min(size.value, left)
            size.learn(taken, taken * per_row * (6 if number == isolated_at else 1))
            left, number = left - taken, number + 1
        return number

    assert batches() > 40
    assert batches(isolated_at=10) <= batches() + 2


def test_slow_prefetching_makes_batches_smaller(settings):
    size = BatchSize()
    for _ in range(5):
        size.learn(size.value, 0.001, size.value * 0.05)  # a file a time, from far away

    assert size.value * 0.05 < 20 * settings.MAINTENANCE_BATCH_SECONDS
