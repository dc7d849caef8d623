"""The tests mirror the code: one finds the tests of a module by its name, and the module of a test."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("bazaar", "maintenance")
MOST_BRANCHES = 4
"""A module with more branches than this decides something, and has tests of its own."""
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.While, ast.ExceptHandler, ast.BoolOp, ast.match_case)

OF_SEVERAL_MODULES = {
    "bazaar/redaction/test_address_texts.py": "addresses in the texts that the whole cleaner reads",
    "bazaar/redaction/test_key_lists.py": "the lists of words, and the keys that they make personal",
    "bazaar/redaction/test_whose.py": "whose a datum is, by what stands beside and above it",
    "bazaar/redaction/test_examples.py": "examples of what the whole cleaner reads",
    "bazaar/redaction/test_text_structures.py": "tables, YAML, log lines and keys that are persons",
    "bazaar/admin/test_malformed.py": "every page of the admin, with input that cannot be read",
    "bazaar/admin/test_permissions.py": "every permission, and what it allows",
    "bazaar/admin/test_permissions_together.py": "every permission, and what its holder can come to do",
    "maintenance/pages/test_weight.py": "the weight of every page",
    "bazaar/test_migrations.py": "migrations, on tables with data",
    "bazaar/test_private_files.py": "who may read the files of the program",
    "bazaar/erasure/test_canary.py": "one search over everything, before and after an erasure",
    "bazaar/erasure/test_columns.py": "each column of each model, in every spelling",
    "bazaar/erasure/test_names.py": "the person's name, in each column",
    "bazaar/partitions/test_adopted.py": "all that holds for audit logs, with partitions",
    "bazaar/demo/test_community.py": "the community that all parts make",
    "bazaar/jobs/test_all_jobs.py": "all jobs on one community",
    "bazaar/jobs/test_memory.py": "each job, and its memory",
    "bazaar/jobs/test_retention_jobs.py": "what is the same in each retention job",
    "bazaar/jobs/test_what_if_jobs.py": "what if each age limit were another",
    "bazaar/redaction/test_corpus.py": "precision and recall of the whole cleaner",
    "bazaar/redaction/test_redaction.py": "the whole cleaner",
    "maintenance/pages/test_odd_runs.py": "every page and command, with a run that does not fit",
    "maintenance/scheduling/test_no_other_callable.py": "every address of the admin",
}
"""Test files of a behaviour that has no module of its own, and the behaviour."""

TESTED_ELSEWHERE = {
    "bazaar/request_notices.py": "bazaar/jobs/test_send_deletion_notices.py",
    "bazaar/decisions/returned.py": "bazaar/jobs/test_compare_erased_addresses.py",
    "bazaar/redaction/blocks.py": "bazaar/redaction/test_text_structures.py",
    "bazaar/redaction/grammar.py": "bazaar/redaction/test_key_lists.py",
    "bazaar/redaction/lists.py": "bazaar/redaction/test_shapes.py",
    "bazaar/redaction/log_lines.py": "bazaar/redaction/test_text_structures.py",
    "bazaar/redaction/maps.py": "bazaar/redaction/test_text_structures.py",
    "bazaar/redaction/text_tables.py": "bazaar/redaction/test_text_structures.py",
    "bazaar/settings.py": "project/test_settings.py",
    "bazaar/models/user_lock.py": "bazaar/test_deletion_requests.py",
    "bazaar/admin/certificates.py": "bazaar/certificates/test_certificate.py",
    "bazaar/certificates/document.py": "bazaar/certificates/test_certificate.py",
    "bazaar/certificates/limits.py": "bazaar/certificates/test_stays.py",
    "bazaar/decisions/checks.py": "bazaar/decisions/test_recording.py",
    "bazaar/decisions/state.py": "bazaar/decisions/test_replay.py",
    "bazaar/holds/service.py": "bazaar/holds/test_rows.py",
    "bazaar/ledger/expiry.py": "bazaar/jobs/test_cleanup_ledger.py",
    "bazaar/management/commands/holds.py": "processes/test_restore.py",
    "bazaar/management/commands/ledger.py": "processes/test_restore.py",
    "maintenance/core/holds.py": "bazaar/holds/test_rows.py",
    "bazaar/erasure/actions.py": "bazaar/erasure/test_erase.py",
    "bazaar/erasure/check.py": "bazaar/erasure/test_inventory.py",
    "bazaar/erasure/execute.py": "bazaar/erasure/test_erase.py",
    "bazaar/erasure/rewrite.py": "bazaar/erasure/test_searches.py",
    "bazaar/redaction/cleaner.py": "bazaar/redaction/test_redaction.py",
    # The parts of the demonstration community are judged by the community that they make.
    "bazaar/demo/credentials.py": "bazaar/demo/test_community.py",
    "bazaar/demo/events.py": "bazaar/demo/test_community.py",
    "bazaar/demo/ideas.py": "bazaar/demo/test_community.py",
    "bazaar/demo/invitations.py": "bazaar/demo/test_community.py",
    "bazaar/demo/people.py": "bazaar/demo/test_community.py",
    "bazaar/demo/projects.py": "bazaar/demo/test_community.py",
}
"""Modules that decide something and are tested with others, and the test file that does it."""


def modules():
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT))


def branches(module):
    tree = ast.parse((ROOT / module).read_text())
    conditions = (node for node in ast.walk(tree) if isinstance(node, ast.comprehension) and node.ifs)
    return sum(isinstance(node, BRANCHES) for node in ast.walk(tree)) + len(list(conditions))


def test_file_of(module):
    path = Path(module)
    return str(path.with_name(f"test_{path.name}"))


test_file_of.__test__ = False


def modules_of(test_file):
    """Yield the modules that a test file may be about: `test_lease_log.py` is about `lease.py`."""
    path = Path(test_file)
    words = path.stem.removeprefix("test_").split("_")
    for number in range(1, len(words) + 1):
        yield path.with_name(f"{'_'.join(words[:number])}.py")


TEST_FILES = sorted(
    str(path.relative_to(ROOT / "tests"))
    for package in PACKAGES
    for path in (ROOT / "tests" / package).rglob("test_*.py")
)
DECIDING = [module for module in modules() if branches(module) > MOST_BRANCHES]


def test_branches_are_counted():
    assert branches("maintenance/core/cron_fields.py") > 20
    assert branches("maintenance/urls.py") == 0
    assert len(DECIDING) > 100


@pytest.mark.parametrize("module", [module for module in DECIDING if module not in TESTED_ELSEWHERE])
def test_a_module_that_decides_something_has_its_tests(module):
    assert (ROOT / "tests" / test_file_of(module)).exists()


@pytest.mark.parametrize("test_file", [file for file in TEST_FILES if file not in OF_SEVERAL_MODULES])
def test_a_test_file_has_a_module_of_its_name(test_file):
    assert any((ROOT / module).exists() for module in modules_of(test_file))


@pytest.mark.parametrize("test_file", OF_SEVERAL_MODULES)
def test_no_entry_about_a_test_file_is_stale(test_file):
    assert test_file in TEST_FILES
    assert not any((ROOT / module).exists() for module in modules_of(test_file))


@pytest.mark.parametrize("module", TESTED_ELSEWHERE)
def test_no_entry_about_a_module_is_stale(module):
    assert module in DECIDING
    assert not (ROOT / "tests" / test_file_of(module)).exists()
    assert (ROOT / "tests" / TESTED_ELSEWHERE[module]).exists()
