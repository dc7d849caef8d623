"""Fixtures of the tests of commands."""

from io import StringIO

import pytest
from django.core.management import call_command


@pytest.fixture
def run():
    """Call a command, check its exit status, and return what it wrote to standard output and to standard error."""

    def ended(*args, status=0, out=None):
        out, err, code = out or StringIO(), StringIO(), 0
        try:
            call_command(*args, stdout=out, stderr=err)
        except SystemExit as end:
            code = end.code
        assert code == status, err.getvalue()
        return out.getvalue(), err.getvalue()

    return ended
