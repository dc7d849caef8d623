"""What the main database knows of the ledger: nothing personal (see `bazaar.personal_data`)."""

from bazaar.erasure.inventory import model_policy, not_personal

POLICIES = [
    *model_policy("decisions.LedgerMark", not_personal("id origin number digest settled", "of ledger entries")),
    *model_policy(
        "decisions.ReturnedAddress",
        not_personal("id model field row entry found_at", "places: names of code, and keys of rows"),
    ),
]
