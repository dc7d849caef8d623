"""All files of a stage, examined part by part."""

import pytest

from maintenance.core.stages import DueFiles, FileStage
from maintenance.engine import lease
from maintenance.engine.survey import during_run, survey

pytestmark = pytest.mark.django_db


class Immediately:
    """Stands for what tries again after a lost connection: here none is lost."""

    def retry(self, act):
        return act()


PARTS = [["a", "bb", "ccc"], [], ["dddd"]]


def stage(asked):
    def long_ones(names):
        asked.append(list(names))
        return DueFiles([name for name in names if len(name) > 2], counts={"characters": sum(map(len, names))})

    return FileStage(lambda: iter(PARTS), long_ones, None)


def test_the_figures_of_all_parts_are_added():
    asked, renewed = [], []
    files = stage(asked)

    found = survey(files, during_run(files, Immediately(), lambda: renewed.append(len(asked))))

    assert (found.due, found.total, found.counts) == (2, 4, {"characters": 10})
    assert asked == PARTS
    assert renewed == [0, 1, 2], "the lease is renewed before each part"


def test_a_closed_fence_ends_it():
    asked = []

    def closed():
        if asked:
            raise lease.FenceClosed

    files = stage(asked)
    with pytest.raises(lease.FenceClosed):
        survey(files, during_run(files, Immediately(), closed))
    assert asked == PARTS[:1]


def test_outside_of_a_run_no_lease_is_renewed():
    asked = []

    assert survey(stage(asked)).due == 2
    assert asked == PARTS
