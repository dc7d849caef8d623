"""Log records: one form for people, one for machines."""

import logging


class ConsoleFormatter(logging.Formatter):
    """Placeholder until the engine's log records are defined."""


class JsonFormatter(logging.Formatter):
    """Placeholder until the engine's log records are defined."""
