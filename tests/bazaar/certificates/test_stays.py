"""The words about what stays are those of the inventory."""

import pytest

from bazaar.certificates.stays import STAYS, kept_limits, what_stays
from bazaar.erasure import Mode
from bazaar.ledger.choices import RecordCategory


@pytest.mark.parametrize("mode", Mode)
def test_every_category_of_which_something_is_kept_has_a_sentence(mode):
    assert kept_limits(mode)
    assert set(kept_limits(mode)) <= set(STAYS[mode])


def test_the_limit_is_the_longest_one(settings):
    settings.DELETION_EVIDENCE_RETENTION_YEARS = 7
    assert what_stays(RecordCategory.REQUESTS, Mode.DELETE).endswith("for at most 7 years")
    assert what_stays(RecordCategory.ACCESS, Mode.DELETE) == ""
