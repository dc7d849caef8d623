"""What the ledger keeps: nothing personal (see `bazaar.personal_data`)."""

from bazaar.erasure.inventory import model_policy, not_personal

NUMBERS = "random ids, choices and digests; held by constraints"

POLICIES = [
    *model_policy(
        "ledger.Entry",
        not_personal("number origin made_at kind person request hold mode reason scheduled_for", NUMBERS),
        not_personal("review_on reference reference_digest key_mark previous digest", NUMBERS),
    ),
    *model_policy("ledger.EntryDigest", not_personal("id entry digest", "a keyed digest, without the key")),
    *model_policy("ledger.EntryCount", not_personal("id entry category deleted changed", NUMBERS)),
]
