"""The engine's own job: it keeps the history of runs and of the queue short."""
