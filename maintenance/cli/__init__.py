"""The command line: what the management commands share."""
