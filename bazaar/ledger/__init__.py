"""The ledger: each decision about a person, in a database of its own, which a restore of the main one does not touch.

It holds no personal data: choices, numbers, times, random ids, and keyed digests of addresses. Entries are only ever
added. Each has the digest of the entry before, so that one that is altered, removed or moved is found
(`bazaar.ledger.chain`). What the decisions mean for the main database is the business of `bazaar.decisions`.
"""
