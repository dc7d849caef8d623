"""Logging in, as a browser does."""

EMAIL, PASSWORD = "ops@example.org", "correct horse battery"
REFUSED = "Too many failed attempts."


def fail(log_in, times, **fields):
    for _ in range(times):
        assert not log_in(**{"password": "wrong", **fields})[0]
