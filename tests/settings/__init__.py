"""Settings of the tests: the program's own, on a database that the tests bring. No `.env` is read."""
