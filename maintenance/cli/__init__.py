"""The command line: output, options and refusals that the management commands share."""
