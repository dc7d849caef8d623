"""What is installed: each library is pinned, with all that it needs, and each has a reason."""

import re
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(settings.BASE_DIR)
FILES = pytest.mark.parametrize(
    ("name", "least"), [("requirements", 10), ("requirements-s3", 0), ("requirements-dev", 10)]
)
PIN = re.compile(r"([\w.-]+)==([\w.]+)")


def lines_of(name):
    lines = (line.partition("#") for line in (ROOT / name).read_text().splitlines())
    return [(text.strip(), reason.strip()) for text, _, reason in lines if text.strip()]


def pins_of(name):
    pins = [PIN.fullmatch(line) for line, _ in lines_of(f"{name}.txt")]
    assert all(pins), "a line that is no pin, such as the address of an index"
    return {canonicalize_name(pin[1]): pin[2] for pin in pins}


@FILES
def test_every_library_that_is_asked_for_has_a_reason_and_a_pin(name, least):
    wanted = [(line, reason) for line, reason in lines_of(f"{name}.in") if not line.startswith(("-r ", "-c "))]
    pins = pins_of(name)

    assert len(wanted) > least
    for line, reason in wanted:
        requirement = Requirement(line)
        assert reason, line
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


@FILES
def test_everything_that_a_library_needs_is_pinned(name, least):
    pins = pins_of(name)
    needed = {
        canonicalize_name(requirement.name): requirement
        for library in pins
        for requirement in map(Requirement, requires(library) or [])
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    }

    assert len(needed) > least // 2
    assert needed.keys() <= pins.keys()
    assert [needed[one] for one in needed if not needed[one].specifier.contains(pins[one])] == []


def test_the_tests_run_with_what_production_runs_with():
    production, development = pins_of("requirements"), pins_of("requirements-dev")

    assert production.items() <= development.items()
    assert "-r requirements.txt" in [line for line, _ in lines_of("requirements-dev.in")]


def test_the_tests_run_with_the_object_store_that_production_may_add():
    production, added, development = pins_of("requirements"), pins_of("requirements-s3"), pins_of("requirements-dev")

    assert "boto3" in added
    assert added.items() <= development.items()
    assert {name: added[name] for name in added.keys() & production.keys()}.items() <= production.items()
    assert "-r requirements-s3.txt" in [line for line, _ in lines_of("requirements-dev.in")]


def test_the_wheel_asks_for_nothing_that_is_not_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = pins_of("requirements")

    assert len(project["dependencies"]) > 5
    for requirement in map(Requirement, project["dependencies"]):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])
