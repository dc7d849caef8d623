"""The engine's own job, which deletes old runs and old failures of the queue."""
