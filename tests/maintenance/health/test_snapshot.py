"""What pages say is what the doctor says: the cheap looks at once, the others as the cluster wrote them down."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from maintenance.cluster import supervisor
from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.health import canary, doctor, probes, snapshot
from maintenance.health.check_result import Level
from maintenance.health.context import Facts
from maintenance.models import Canary, ClusterSign, Examination, JobRun
from maintenance.scheduling import controls, schedules
from tests.maintenance.pages.test_pages import client_of, person, text_of

pytestmark = pytest.mark.django_db

JOB = "cleanup-push-tokens"
OF_DATABASE = "database"
"""A page that is there needs no verdict about it."""


@pytest.fixture(autouse=True)
def working(settings, tmp_path):
    """A cluster is up, its canary came back, and it has examined."""
    settings.STATIC_ROOT = str(tmp_path)
    cache.clear()
    schedules.synchronise()
    canary.keep()
    OrmQ.objects.all().delete()
    canary.come_back(1)
    snapshot.keep()


def examine_again():
    Examination.objects.all().delete()
    snapshot.keep()


def said_by(report):
    return sorted((found.level, found.code, found.job) for found in report.verdicts if found.code != OF_DATABASE)


FAULTS = {
    "no cluster": lambda: ClusterSign.objects.all().delete(),
    "stuck": lambda: Canary.objects.update(
        number=9, sent_at=Now() - timedelta(minutes=3), echoed_at=Now() - timedelta(minutes=6)
    ),
    "broken schedule": lambda: schedules.ours().filter(name=JOB).update(cron="0 0 31 2 *"),
    "overdue": lambda: schedules.ours().filter(name=JOB).update(next_run=Now() - timedelta(minutes=2)),
    "failed": lambda: JobRun.objects.create(job=JOB, trigger="schedule", status="failed", started_at=timezone.now()),
    "lost": lambda: JobRun.objects.create(job=JOB, trigger="schedule", status="running", started_at=timezone.now()),
    "waits": lambda: JobRun.objects.create(
        job=JOB, trigger="admin", task_id="1", queued_at=timezone.now() - timedelta(hours=1)
    ),
    "paused": controls.pause,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_says_what_the_doctor_says(fault):
    well = said_by(snapshot.look(Facts()))
    assert {level for level, *_ in well} == {Level.WELL}
    assert well == said_by(doctor.examine())

    FAULTS[fault]()

    told = said_by(snapshot.look(Facts()))
    assert told == said_by(doctor.examine())
    assert told != well


def test_what_takes_long_is_told_as_the_cluster_found_it(tokens):
    tokens(1)
    assert said_by(snapshot.look(Facts())) != said_by(doctor.examine())

    examine_again()

    assert said_by(snapshot.look(Facts())) == said_by(doctor.examine())
    assert ("wrong", "retention-overdue", JOB) in said_by(snapshot.look(Facts()))
    run_now(JOB)
    examine_again()
    assert snapshot.look(Facts()).level == Level.WELL


def test_the_verdicts_that_are_kept_are_those_of_the_doctor():
    found = doctor.look_at(probes.SELDOM, Facts())

    kept = Examination.objects.get()

    assert [(one["code"], one["sentence"], one["remedy"]) for one in kept.verdicts] == [
        (one.code, one.sentence, one.remedy) for one in found
    ]
    assert set(probes.SELDOM) < set(probes.ALL)


def test_the_cluster_examines_at_intervals_and_once_on_all_machines():
    assert snapshot.keep in supervisor.PARTS
    first = Examination.objects.get().examined_at
    snapshot.keep()
    assert Examination.objects.get().examined_at == first

    Examination.objects.update(examined_at=F("examined_at") - snapshot.EVERY)
    snapshot.keep()
    assert Examination.objects.get().examined_at > first


def test_the_cluster_examines_soon_after_a_run_has_ended(tokens):
    tokens(1)
    examine_again()
    assert "retention-overdue" in [found["code"] for found in Examination.objects.get().verdicts]
    Examination.objects.update(examined_at=F("examined_at") - snapshot.SOON)
    snapshot.keep()
    assert "retention-overdue" in [found["code"] for found in Examination.objects.get().verdicts]
    before = Examination.objects.get().examined_at

    run_now(JOB)
    JobRun.objects.update(finished_at=before + timedelta(seconds=1))
    snapshot.keep()

    assert Examination.objects.get().examined_at > before
    assert "retention-overdue" not in [found["code"] for found in Examination.objects.get().verdicts]


def test_a_clock_that_was_set_back_does_not_keep_it_from_examining():
    Examination.objects.update(examined_at=Now() + timedelta(days=1))

    snapshot.keep()

    assert Examination.objects.get().examined_at < timezone.now() + timedelta(minutes=1)


@pytest.mark.parametrize("is_up", [True, False])
def test_what_was_found_long_ago_is_not_believed(is_up):
    viewer = client_of(person("view_jobrun"))
    address = reverse("admin:maintenance_jobs")
    assert "last examined" not in text_of(viewer, address)
    if not is_up:
        ClusterSign.objects.all().delete()
    just = timedelta(seconds=5)
    Examination.objects.update(examined_at=Now() - snapshot.STALE_AFTER + just)
    assert "not-examined-lately" not in [found.code for found in snapshot.look(Facts()).verdicts]

    Examination.objects.update(examined_at=Now() - snapshot.STALE_AFTER - just)

    [told] = [found for found in snapshot.look(Facts()).verdicts if found.code == "not-examined-lately"]
    assert told.level == Level.WRONG
    assert told.remedy == (probes.RESTART if is_up else probes.START)
    assert told.sentence in text_of(viewer, address)
    codes = {found["code"] for found in Examination.objects.get().verdicts}
    assert codes
    assert not codes & {found.code for found in snapshot.look(Facts()).verdicts}


def test_what_was_never_examined_is_not_called_well():
    Examination.objects.all().delete()

    look = snapshot.look(Facts())

    assert (look.level, look.seldom_at) == (Level.WRONG, None)


def test_a_canary_that_comes_back_while_a_page_is_made_came_back_just_now():
    facts = Facts()
    assert facts.now
    Canary.objects.update(echoed_at=Now() + timedelta(milliseconds=500))

    [told] = [found for found in snapshot.look(facts).verdicts if found.code == "canary-back"]

    assert " 0 s ago" in told.sentence


def test_an_action_is_seen_at_once_whatever_was_written_down():
    controls.disable(JOB)
    controls.pause()

    codes = [found.code for found in snapshot.look(Facts()).verdicts]
    assert "paused" in codes
    controls.resume()
    assert snapshot.look(Facts()).level == Level.WELL


def test_health_is_examined_once_for_everybody_who_asks_at_the_same_time(client, monkeypatch):
    monkeypatch.setattr(doctor, "_kept", doctor._Kept())
    assert client.get("/health/jobs").status_code == 200
    ClusterSign.objects.all().delete()
    with monkeypatch.context() as patch:
        patch.setattr(doctor, "examine", pytest.fail)
        assert client.get("/health/jobs").status_code == 200
    assert not doctor.examine().is_well  # the command does not wait

    doctor._kept.until -= doctor.KEEP_FOR.total_seconds()

    assert client.get("/health/jobs").status_code == 503
    assert timedelta(seconds=10) >= doctor.KEEP_FOR


def test_a_look_for_a_page_takes_few_queries(django_assert_max_num_queries):
    assert registry.all_jobs()
    with django_assert_max_num_queries(10):
        snapshot.look(Facts())
