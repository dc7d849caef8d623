"""The tables of the documents are complete: jobs, statuses, states, floors, files, decisions and messages."""

import re

from maintenance import __version__
from maintenance.core import registry
from maintenance.core.states import Status
from maintenance.engine.results import EXIT_STATUS
from manage import NO_READER, OUTPUT_FAILED
from tests.project.documents import ROOT, document, files
from tests.project.test_layers import FLOORS

README = document("README.md")
OPERATIONS = document("docs/operations.md")


def first_column(text, heading):
    """Return the first cells of the first table below a heading."""
    table = re.search(r"^\|.+?(?=\n\n|\Z)", text.split(heading)[1], flags=re.MULTILINE | re.DOTALL)[0]
    return [row.split("|")[1].strip() for row in table.splitlines()[2:]]


def test_the_readme_is_short():
    assert len(README.text) <= 6_000


def test_the_table_of_jobs_is_complete_and_right():
    rows = re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` \| (.+?) \| (.+?) \|$", README.text, flags=re.MULTILINE)

    def limit(job):
        return ", ".join(f"`{retention.setting}`: {retention}" for retention in job.retentions) or "-"

    assert rows == [(job.name, job.schedule, limit(job), job.description) for job in registry.all_jobs()]


def test_every_exit_status_is_explained():
    explained = {int(status) for status in first_column(OPERATIONS.text, "## Exit status")}
    assert explained == {*EXIT_STATUS.values(), 2, 78, NO_READER, OUTPUT_FAILED}


def test_every_state_of_a_run_is_explained():
    explained = {status.strip("`") for status in first_column(OPERATIONS.text, "## States of a run")}
    assert explained == set(Status.values)


def test_every_floor_of_the_engine_is_described_in_its_order():
    rows = re.search(r"\| part \|.+?\n\n", document("docs/architecture.md").text, flags=re.DOTALL)[0].splitlines()[2:]
    described = [tuple(re.findall(r"`(\w+)`", row)) for row in rows if row]
    assert described == list(FLOORS)


def test_every_file_of_the_engine_room_is_described():
    described = set(re.findall(r"`(\w+\.py)`", document("maintenance/engine/README.md").text))
    assert {path.name for path in (ROOT / "maintenance" / "engine").glob("[!_]*.py")} <= described


def test_every_decision_is_in_the_index_with_its_title():
    index = document("docs/decisions/README.md").text
    decisions = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert len(decisions) > 5
    for path in decisions:
        number, title = re.match(r"# (\d+)\. (.+)", path.read_text()).groups()
        assert f"| {number} | [" in index
        assert f"({path.name})" in index
        assert int(path.name[:4]) == int(number)
        assert title


def test_the_changelog_has_the_versions_in_their_form():
    text = document("CHANGELOG.md").text
    versions = re.findall(r"^## \[(.+?)\] - (\d{4}-\d\d-\d\d|unreleased)$", text, flags=re.MULTILINE)
    kinds = set(re.findall(r"^### (.+)$", text, flags=re.MULTILINE))

    assert next(version for version, _ in versions if version != "Unreleased") == __version__
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_each_message_that_is_explained_is_one_of_the_program():
    source = "".join(
        (ROOT / name).read_text() for name in files() if re.match(r"(bazaar|maintenance)/.+\.py|manage\.py", name)
    )
    source = re.sub(r'"\s*\n\s*f?"', "", source)
    table = OPERATIONS.text.split("| what you see |")[1].split("\n\n")[0]
    messages = [cell for row in table.splitlines()[2:] for cell in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert len(messages) > 8
    for message in messages:
        if message not in FROM_ELSEWHERE:
            pattern = re.escape(re.sub(r"\b(12|10)\b", "#", message)).replace(r"\#", r"\{?[\w.]+\}?")
            assert re.search(pattern, source), message


FROM_ELSEWHERE = {"OperationalError 55P03", "database is locked"}
"""Messages of the databases."""
