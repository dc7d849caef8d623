"""The form on the page of the age limits: the answer of the command, or its refusal."""

import re

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from maintenance.core import registry
from maintenance.models import JobRun
from maintenance.pages import runs
from tests.maintenance.pages.people import client_of, person, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]

PAGE = reverse("admin:maintenance_retention")
NAME = "SCRATCH_RETENTION_DAYS"
ASKED = f"{PAGE}?{NAME}=60&RUN_HISTORY_RETENTION_DAYS="


def section(page):
    return page.split('<section class="mb-section" id="what-if"')[1].split("</section>")[0]


def test_the_form_has_a_labelled_field_for_each_age_limit(viewer):
    form = section(text_of(viewer, PAGE))

    for name, limit in registry.age_limits().items():
        assert f'<label for="assume-{name}">{name}</label>' in form
        assert f'id="assume-{name}" name="{name}"' in form
        assert f"now {limit}" in form
    assert '<form method="get"' in form
    assert "Due now" not in form


def test_the_answer_is_that_of_the_command(viewer, scratch_job, items, run_command):
    scratch_job()
    items(3)
    JobRun.objects.create(job="scratch", trigger="schedule", status="succeeded", items_due=7, items_done=6)
    out, _ = run_command("retention", "--what-if", f"{NAME}=60")

    answer = section(text_of(viewer, ASKED))

    sentences = re.findall(r"^  ([A-Z].*)", out, re.MULTILINE)
    assert len(sentences) == 4
    assert all(escape(sentence) in answer for sentence in sentences)
    assert "60 days instead of 90 days" in answer
    assert f"manage.py retention --what-if {NAME}=60" in answer
    assert answer.count('<th scope="row"><time') == 28
    assert 'value="60"' in answer
    assert "cleanup-run-history" not in answer, "a field without a value assumes nothing"
    assert reverse("admin:maintenance_jobrun_change", args=[JobRun.objects.get().pk]) in answer


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (f"{NAME}=0", f"{NAME} cannot be used: set it to a whole number of days from 1 to 36525 (default 90)."),
        (f"{NAME}=60&{NAME}=70", f"{NAME} is named twice"),
        ("NOPE=60", "There is no setting NOPE: name an age limit."),
        ("TIME_ZONE=60", "The setting TIME_ZONE is no age limit."),
    ],
)
def test_what_cannot_be_assumed_is_refused_in_the_words_of_the_command(viewer, scratch_job, query, words):
    scratch_job()

    answer = section(text_of(viewer, f"{PAGE}?{query}"))

    assert f'role="alert">{escape(words)}' in answer or (words in answer and 'role="alert"' in answer)
    assert "Due now" not in answer


def test_an_answer_is_not_counted_anew_by_updates(viewer, scratch_job):
    scratch_job()

    assert 'id="live"' in text_of(viewer, PAGE)
    assert 'id="live"' not in text_of(viewer, ASKED)


def test_a_count_that_takes_too_long_is_told(viewer, scratch_job, monkeypatch):
    def slow(*_args, **_options):
        raise OperationalError

    scratch_job()
    monkeypatch.setattr("maintenance.reporting.what_if.count_due", slow)

    assert "Count unavailable: it took too long." in section(text_of(viewer, ASKED))


def test_viewing_is_enough_and_needed(scratch_job):
    scratch_job()

    assert client_of(person("view_jobrun")).get(ASKED).status_code == 200
    assert client_of(person("run_job")).get(ASKED).status_code == 403


def test_the_number_of_statements_is_constant(viewer, scratch_job, items):
    def statements(address):
        with CaptureQueriesContext(connection) as captured:
            text_of(viewer, address)
        return len(captured)

    scratch_job()
    statements(PAGE)
    without, first = statements(PAGE), statements(ASKED)
    items(40)
    assert runs.latest(["scratch"], 1) == {}

    assert statements(ASKED) == first < without + 15
