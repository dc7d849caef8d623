"""Memory does not grow with what is due."""

import pytest

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

LIMIT = 20
"""MiB by which the largest memory of two runs may differ."""


@pytest.fixture
def peak(start, until):
    """Run a command to its end, and return the largest memory that it was seen with, in MiB."""

    def peak(*arguments, **variables):
        command = start(*arguments, **variables)
        seen = []
        until(lambda: seen.append(command.memory()) or command.has_ended(), 600)
        assert command.wait().status == 0, command.wait()
        return max(seen) / 2**20

    return peak


def test_memory_is_flat_however_much_is_due(backlog, peak, long_form):
    peaks = {}
    for count in (10_000, 1_000_000) if long_form else (5_000, 100_000):
        due = backlog(count)
        peaks[count] = peak(due.job.command, "--confirm-count", str(count), MAINTENANCE_BATCH_SECONDS="10")
        assert due.left() == 0

    few, many = peaks.values()
    assert few > LIMIT, "nothing was measured"
    assert many - few < LIMIT, peaks
