"""How fast the jobs are, and how little the site notices: `python -m benchmarks`.

Each job is measured against the best single statement that does the same work (the floor), against Django object by
object, and against one query a row; each on a fresh copy of the same data, on a real PostgreSQL that is started for it.
"""
