"""Whatever changes what the cleaner removes is another rule, and every log is examined again by itself."""

import ast
import hashlib
from pathlib import Path

import pytest
from django.db.models import QuerySet

from bazaar import audit, redaction
from bazaar.audit_actions import ACTIONS
from bazaar.models import AuditLog
from bazaar.redaction import rule
from bazaar.redaction.allow_list import NUMBER
from bazaar.redaction.lexicon import persons
from bazaar.redaction.models import CleaningRule
from maintenance.engine.runner import run_now
from tests.bazaar.jobs.old_logs import OLD
from tests.bazaar.redaction.memory import forget

VERSION_OF_THE_CODE = (5, "1af39c4dc1072c23")
"""The version of the cleaner, and the digest of its code. If the test of it fails, and anything else is removed than
before, raise `bazaar.redaction.VERSION`; then write here what the test says."""
RULES = "__init__ addresses blocks cards cleaner columns documents domains emails embedded facts fast_path"
RULES += " grammar ip_addresses judgement keys lists log_lines maps names naming objects paths readings records"
RULES += " shapes siblings sql text_tables texts typed_ids value_signs values words"


def own_words(monkeypatch, settings):
    settings.AUDIT_PERSONAL_WORDS = ["haarfarbe"]
    forget()


def allow_list(monkeypatch, settings):
    settings.AUDIT_METADATA = "allow-list"


def table_of_the_allow_list(monkeypatch, settings):
    settings.AUDIT_METADATA = "allow-list"
    audit.anonymise(audit.unexamined())
    monkeypatch.setitem(ACTIONS, "x.done", {"n": NUMBER})


def word_of_the_program(monkeypatch, settings):
    monkeypatch.setattr(persons, "PERSON", persons.PERSON | {"haarfarbe"})
    rule._digest.cache_clear()


def version(monkeypatch, settings):
    monkeypatch.setattr(redaction, "VERSION", redaction.VERSION + 1)


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    forget()
    rule._digest.cache_clear()


@pytest.mark.django_db
@pytest.mark.parametrize("change", [own_words, allow_list, table_of_the_allow_list, word_of_the_program, version])
def test_a_changed_rule_examines_every_log_again(change, monkeypatch, settings):
    log = AuditLog.objects.create(action="x.done", metadata={"n": 1}, created_at=OLD)
    audit.anonymise(audit.unexamined())
    assert not audit.unexamined().exists()

    change(monkeypatch, settings)

    assert audit.unexamined().get() == log
    audit.anonymise(audit.unexamined())
    assert not audit.unexamined().exists()
    log.refresh_from_db()
    assert log.cleaned_version == rule.number()


@pytest.mark.django_db
def test_a_new_word_removes_what_an_earlier_run_had_kept(settings, monkeypatch):
    log = AuditLog.objects.create(action="x.done", metadata={"haarfarbe": "rot", "n": 1}, created_at=OLD)
    run_now("anonymize-audit-logs")
    log.refresh_from_db()
    assert "haarfarbe" in log.metadata

    own_words(monkeypatch, settings)
    run_now("anonymize-audit-logs")

    log.refresh_from_db()
    assert log.metadata == {"n": 1}


@pytest.mark.django_db
def test_what_the_order_of_words_or_settings_says_is_the_same_rule(settings):
    settings.AUDIT_PERSONAL_WORDS = ["b", "a"]
    forget()
    first = rule.number()
    settings.AUDIT_PERSONAL_WORDS = ["a", "b", "a"]
    forget()

    assert rule.number() == first
    assert CleaningRule.objects.count() == 1
    settings.AUDIT_METADATA = "allow-list"
    assert rule.number() == first + 1
    settings.AUDIT_METADATA = "sanitise"
    assert rule.number() == first


@pytest.mark.django_db
def test_a_number_that_another_process_took_is_not_given_twice(monkeypatch):
    taken = rule._numbers(redaction.VERSION)[0]
    bulk_create = QuerySet.bulk_create

    def another_is_first(self, rules, **options):
        CleaningRule.objects.get_or_create(pk=taken, digest="another")
        return bulk_create(self, rules, **options)

    monkeypatch.setattr(QuerySet, "bulk_create", another_is_first)

    assert rule.number() == taken + 1


@pytest.mark.django_db
def test_an_erasure_searches_what_earlier_versions_examined(monkeypatch):
    present = rule.number()
    assert present not in rule.numbers_of_earlier_versions()
    assert 0 in rule.numbers_of_earlier_versions()

    monkeypatch.setattr(redaction, "VERSION", redaction.VERSION + 1)

    assert present in rule.numbers_of_earlier_versions()
    assert rule.number() not in rule.numbers_of_earlier_versions()


def test_the_code_of_the_cleaner_belongs_to_its_version():
    folder = Path(redaction.__file__).parent
    trees = [without_texts(ast.parse((folder / f"{name}.py").read_text())) for name in sorted(RULES.split())]
    digest = hashlib.sha256("".join(map(ast.dump, trees)).encode()).hexdigest()[:16]

    assert (redaction.VERSION, digest) == VERSION_OF_THE_CODE


def without_texts(tree):
    """Return the code without its documentation, which removes nothing."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [part for part in body if not is_text(part)] or [ast.Pass()]
    return tree


def is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
