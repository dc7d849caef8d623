"""The documents say what is true: commands, paths, links and names in them are those of the program."""

import importlib
import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.core.management.color import no_style
from django.db import connection
from django.urls import Resolver404, resolve
from django.utils import timezone

from bazaar.demo import fill
from bazaar.models import DeletionRequest, User
from benchmarks.__main__ import _parser
from benchmarks.workloads import WORKLOADS
from maintenance.engine.runner import run_now
from tests.project.documents import DOCUMENTS, ROOT, document, files

OPERATIONS = document("docs/operations.md")
DELETION = re.compile(r"manage\.py (deletions|finalize_deletions|personal_data)\b")
SEQUENCES = [{"table": model._meta.db_table, "column": "id"} for model in (User, DeletionRequest)]
every_document = pytest.mark.parametrize("doc", DOCUMENTS, ids=lambda doc: doc.name)


# Links and paths.


@every_document
def test_every_link_leads_somewhere(doc):
    for link in doc.links():
        target, _, anchor = link.partition("#")
        if target.startswith(("https://", "mailto:")):
            continue
        path = (doc.path.parent / target).resolve() if target else doc.path
        assert path.exists(), link
        if anchor:
            assert anchor in document(path.relative_to(ROOT)).anchors(), link


PATH = re.compile(r"\.?[\w.*-]+(?:/[\w.*-]+)*/?")
SUFFIXES = (".py", ".md", ".txt", ".in", ".toml", ".yaml", ".yml", ".json", ".service", ".html", ".css", ".js")
KNOWN = set(files())
FOLDERS = {str(parent) for name in KNOWN for parent in Path(name).parents}


def is_path(span):
    is_cron = re.fullmatch(r"[\d*/n-]+", span)
    return bool(PATH.fullmatch(span)) and not is_cron and ("/" in span or span.endswith(SUFFIXES))


def exists(doc, span):
    """Whether a path leads somewhere, from the project or from the document; a bare name is that of any file."""
    name = span.rstrip("/")
    places = {name, str(doc.path.parent.relative_to(ROOT) / name)}
    is_name = "/" not in name and any(Path(known).name == name for known in KNOWN)
    return bool(places & (KNOWN | FOLDERS)) or is_name


def written_by_the_reader():
    """Return the paths that a step of a document tells to make, and those of the other project."""
    steps = re.findall(r"(?:in|command,|as) `([\w./]+\.py)`", document("docs/jobs.md").text)
    other = re.findall(r"`(shop/[\w./]+)`", document("docs/use-in-your-project.md").text)
    for path in other:
        assert (ROOT / "tests" / "scratch_project" / path).exists(), path
    return {*steps, *other}


@every_document
def test_every_path_exists(doc):
    made = written_by_the_reader() | {".venv/bin/pytest", "admin/index.html", "admin/app_list.html"}
    missing = [span for span in doc.spans() if is_path(span) and span not in made and not exists(doc, span)]
    assert missing == []


@every_document
def test_every_absolute_path_exists_on_the_site_or_in_the_deployment(doc):
    deployed = "".join(path.read_text() for path in (ROOT / "deploy").iterdir())
    for span in doc.spans():
        if re.fullmatch(r"/[\w./-]+", span) and span not in deployed:
            assert is_address(span), span


def is_address(path):
    try:
        resolve(path)
    except Resolver404:
        return any(route.startswith(f"{path.lstrip('/')}/") for route in ("health/live", "admin/"))
    return True


# Commands.

MEANING = {
    "JOB": "cleanup-push-tokens",
    "USER_ID": "42",
    "ID": "12",
    "N": "5",
    "CRON": "30 2 * * *",
    "EXPR": "30 2 * * *",
}
"""What a placeholder in a command may stand for."""


def commands(lines):
    """Yield the words of each `manage.py` command, without those of the shell around it."""
    for line in lines:
        for part in re.split(r"\s+&&\s+|;\s", line):
            if found := re.search(r"(?:^|\s|/)manage\.py\s+(.+)", part):
                words = shlex.split(re.split(r"\s+\|\s+", found[1])[0], comments=True)
                yield [MEANING.get(word, word) for word in words]


def test_the_walk_finds_commands():
    found = [words for doc in DOCUMENTS for words in commands(doc.lines_of_commands())]
    assert len(found) > 60
    assert ["jobs", "schedule", "cleanup-push-tokens", "15 3 * * *"] in found


def fault_of(words):
    """Return why a command cannot be parsed."""
    name, *arguments = words
    app = get_commands().get(name)
    if not app:
        return f"there is no command {name}"
    command = load_command_class(app, name) if isinstance(app, str) else app
    try:
        command.create_parser("manage.py", name).parse_args(arguments)
    except (CommandError, SystemExit) as error:
        return str(error)
    return ""


@every_document
def test_every_command_can_be_parsed(doc):
    typed = [line for block in doc.blocks("sh") for line in block.splitlines()]
    for words in commands(typed):
        assert not fault_of(words), words
    for words in commands(doc.spans()):  # a sentence may name a command without its arguments
        fault = fault_of(words)
        assert not fault or "arguments are required" in fault, (words, fault)


@every_document
def test_every_module_that_is_run_exists(doc):
    for line in doc.lines_of_commands():
        if found := re.match(r"(?:\S*/)?python3? -m (\S+)(.*)", line):
            module, arguments = found.groups()
            assert importlib.util.find_spec(module), line
            if module == "benchmarks":
                _parser(list(WORKLOADS)).parse_args(shlex.split(arguments, comments=True))


@every_document
def test_every_file_in_a_command_exists(doc):
    for line in doc.lines_of_commands():
        for name in re.findall(r"(?:^|\s)(?:-r |-f |--ds=)([\w./-]+)", line):
            path = name.replace(".", "/") + ".py" if name.startswith("tests.") else name
            assert (ROOT / path).exists(), line


@every_document
def test_every_option_of_a_command_of_ours_exists(doc):
    known = set(re.findall(r"--[a-z][\w-]+", "".join(options_of_all_commands())))
    for span in doc.spans():
        if re.fullmatch(r"--[a-z-]+", span):
            assert span in known, span


def options_of_all_commands():
    for name, app in get_commands().items():
        if app in {"bazaar", "maintenance"}:
            from maintenance.cli.options import parsers_of

            parser = load_command_class(app, name).create_parser("manage.py", name)
            yield from (each.format_help() for _, each in parsers_of(parser))
    yield (ROOT / "tests" / "conftest.py").read_text()
    yield (ROOT / ".ci" / "run").read_text()


@pytest.mark.slow
@pytest.mark.django_db
def test_the_commands_about_deletions_work_after_a_quickstart(capsys):
    for sql in connection.ops.sequence_reset_by_name_sql(no_style(), SEQUENCES):
        connection.cursor().execute(sql)
    fill(seed=1, scale=1, now=timezone.now())
    run_now("finalize-deletions")
    lines = [line for block in OPERATIONS.blocks("sh") for line in block.splitlines()]
    typed = [shlex.split(line, comments=True)[1:] for line in lines if DELETION.match(line)]
    assert len(typed) > 5
    for words in typed:
        call_command(*words)
    assert DeletionRequest.objects.filter(user_pk=42, status="pending").exists()
    assert "completed" in capsys.readouterr().out


# Names.


@every_document
def test_every_variable_and_setting_exists(doc):
    source = "".join(
        (ROOT / name).read_text() for name in files() if name.endswith((".py", ".yaml", ".service", ".toml"))
    )
    source += (ROOT / ".env.example").read_text() + (ROOT / ".ci" / "run").read_text()
    names = [re.match(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+", span) for span in doc.spans()]
    unknown = {name[0] for name in names if name and not re.search(rf"\b{name[0]}\b", source)}
    assert unknown - OF_OTHERS - {"READ_NOTIFICATION_RETENTION_DAYS"} == set()


OF_OTHERS = {"ROW_NUMBER", "PR_SET_PDEATHSIG", "TIME_ZONE"}
"""Names of PostgreSQL, Linux and Django."""


@pytest.mark.django_db
@every_document
def test_every_dotted_name_exists(doc):
    for span in doc.spans():
        if re.fullmatch(r"(bazaar|maintenance|tests|benchmarks)(\.\w+)+", span) and not span.endswith(SUFFIXES):
            assert is_code(span) or is_permission(span) or is_model(span) or is_check(span), span


def is_code(dotted):
    module, _, attributes = dotted, "", []
    while module:
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError:
            module, _, name = module.rpartition(".")
            attributes.insert(0, name)
            continue
        for name in attributes:
            found = getattr(found, name, None)
        return found is not None
    return False


def is_permission(dotted):
    app, _, codename = dotted.partition(".")
    return Permission.objects.filter(content_type__app_label=app, codename=codename).exists()


def is_model(dotted):
    try:
        return bool(apps.get_model(dotted))
    except (LookupError, ValueError):
        return False


def is_check(dotted):
    source = "".join(path.read_text() for path in (ROOT / dotted.split(".", maxsplit=1)[0]).rglob("*.py"))
    return bool(re.fullmatch(r"\w+\.[EW]\d{3}", dotted)) and f'"{dotted}"' in source


@every_document
def test_nothing_names_a_machine_or_an_address_of_packages(doc):
    assert not re.search(r"/(root|home|work)/|index-url|pypi", doc.text)


def test_the_changelog_says_each_change_once():
    changes = re.split(r"^(?:- |#+ .*\n|\[)", document("CHANGELOG.md").text, flags=re.MULTILINE)
    said = [" ".join(change.split()) for change in changes if change.strip()]

    assert len(said) > 100
    assert sorted(said) == sorted(set(said))
