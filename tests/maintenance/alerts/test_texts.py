import pytest
from django.urls import NoReverseMatch

from maintenance.alert_models import AlertKind, Trouble
from maintenance.alerts import texts
from maintenance.reporting import links
from tests.engine_fixtures import NOW


def trouble(job="", number=1):
    return Trouble(code="x", job=job, sentence=f"Sentence {number}.", remedy="Do this.", since=NOW)


def test_a_text_has_sentence_action_and_link(settings):
    settings.SITE_URL = "https://bazaar.example.org/"
    text = texts.of_trouble([trouble("cleanup-push-tokens"), trouble(number=2)], [trouble(number=3)])
    link = "https://bazaar.example.org/admin/maintenance/jobrun/jobs/cleanup-push-tokens/"
    assert f"Sentence 1.\nDo this.\n{link}\n\nSentence 2." in text
    assert "https://bazaar.example.org/admin/maintenance/jobrun/cluster/" in text
    assert text.endswith("Told before, and not resolved:\n- Sentence 3.")


def test_without_an_address_of_the_site_there_is_no_link(settings):
    settings.SITE_URL = ""
    assert "http" not in texts.of_trouble([trouble("cleanup-push-tokens")], []) + texts.of_recovery([trouble()], [])


def test_a_site_without_these_pages_gets_its_own_address(settings, monkeypatch):
    settings.SITE_URL = "https://bazaar.example.org"

    def fail(*_args, **_options):
        raise NoReverseMatch

    monkeypatch.setattr(links, "reverse", fail)
    assert "https://bazaar.example.org/" in texts.of_trouble([trouble("x")], []).splitlines()


def test_a_title_names_the_site(settings):
    settings.SITE_URL = "https://bazaar.example.org"
    assert texts.title_of(AlertKind.TROUBLE, [trouble()]) == "bazaar.example.org: 1 error"
    assert texts.title_of(AlertKind.REMINDER, [trouble()] * 2) == "bazaar.example.org: still 2 errors"
    assert texts.title_of(AlertKind.RECOVERY, [trouble()], 3) == "bazaar.example.org: 1 error resolved, 3 remaining"


@pytest.mark.parametrize("number", [texts.MOST, texts.MOST + 1])
def test_a_text_does_not_grow_without_limit(number):
    many = [trouble(number=each) for each in range(number)]
    for text in (texts.of_trouble(many, []), texts.of_recovery(many, []), texts.of_trouble([trouble()], many)):
        assert ("more: see" in text) is (number > texts.MOST)
        assert "Sentence 19." in text
