"""Streams that commands write to: a terminal of some width, and a pipe."""

from io import StringIO


class Terminal(StringIO):
    """A stream that says of itself that it is a terminal."""

    def isatty(self):
        return True
