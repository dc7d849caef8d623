"""The job leaves of each document of the corpus what the cleaner does."""

import json
from pathlib import Path

import pytest

from bazaar.models import AuditLog
from bazaar.redaction import clean
from tests.bazaar import redaction
from tests.bazaar.jobs.old_logs import CLEAN, OLD, due, make, run

pytestmark = pytest.mark.django_db
CORPUS = sorted((Path(redaction.__file__).parent / "corpus").rglob("*.json"))


def test_each_document_of_the_corpus_is_cleaned_in_its_row():
    documents = [json.loads(file.read_text())["document"] for file in CORPUS]
    assert len(documents) > 300
    made = AuditLog.objects.filter(pk__in=[make(OLD, **{**CLEAN, "metadata": document}).pk for document in documents])
    before = dict(made.values_list("pk", "metadata"))  # PostgreSQL has the keys in an order of its own

    result = run()

    assert result.success, result.message
    after = dict(made.values_list("pk", "metadata"))
    assert after == {key: clean(document) for key, document in before.items()}
    assert after != before
    assert due() == set()
