"""Fixtures of the tests of commands."""

import pytest


@pytest.fixture
def run(run_command):
    return run_command
