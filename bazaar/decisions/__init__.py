"""Decisions about persons, between the main database and the ledger.

Each decision is an entry of the ledger before the main database commits, and a confirmation after it (`recording`). The
main database knows the last entry that it has seen, so that one which was restored from a backup knows that it is
behind (`state`), until the decisions have been replayed (`replay`).
"""
