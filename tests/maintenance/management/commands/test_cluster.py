"""`manage.py cluster`: what it refuses, and that nothing starts before all is in order."""

import pytest
from django.core.management import get_commands, load_command_class
from django_q.conf import Conf

from maintenance.core.errors import NotReady
from maintenance.management.commands import cluster, qcluster


@pytest.fixture
def started(monkeypatch):
    """Let a cluster only note that it was started."""
    started = []

    class Cluster:
        def __init__(self, say):
            self.say = say

        def run(self):
            started.append(self)
            self.say("Started.")

    monkeypatch.setattr(cluster, "Cluster", Cluster)
    monkeypatch.setattr(cluster, "verify", lambda: None)
    return started


@pytest.mark.parametrize("name", ["cluster", "qcluster"])
def test_both_commands_start_the_same_cluster(run, started, name):
    assert run(name) == ("Started.\n", "")
    assert len(started) == 1
    assert isinstance(load_command_class(get_commands()[name], name), cluster.Command)
    assert issubclass(qcluster.Command, cluster.Command)


@pytest.mark.parametrize("name", ["cluster", "qcluster"])
@pytest.mark.parametrize("options", [["--run-once"], ["--name", "other"], ["-n", ""]])
def test_options_of_the_queue_that_would_start_half_a_cluster_are_refused(run, started, name, options):
    out, err = run(name, *options, status=2)

    assert (out, started) == ("", [])
    assert "is refused" in err


def test_the_name_of_the_queue_itself_is_accepted(run, started):
    run("cluster", "--name", Conf.PREFIX)

    assert len(started) == 1


def test_another_queue_by_the_environment_is_refused(run, started, monkeypatch):
    monkeypatch.setattr(Conf, "CLUSTER_NAME", "other")

    assert "Q_CLUSTER_NAME" in run("cluster", status=78)[1]
    assert started == []


def test_a_system_that_is_not_ready_starts_nothing(run, started, monkeypatch):
    def refuse():
        raise NotReady("The database cannot be reached: start it.")

    monkeypatch.setattr(cluster, "verify", refuse)

    assert run("cluster", status=78) == ("", "The database cannot be reached: start it.\n")
    assert started == []
