"""What the search for the next erasures keeps: nothing personal (see `bazaar.personal_data`)."""

from bazaar.erasure.inventory import model_policy, not_personal

POLICIES = [
    *model_policy(
        "searches.ErasureSearch", not_personal("id began_at requests last_keys", "ids of requests, keys of rows")
    ),
    *model_policy("searches.ErasureSearchPart", not_personal("id search model after last rows", "keys of rows")),
    *model_policy("searches.ErasureSearchHit", not_personal("id search request model row", "keys of rows")),
    *model_policy("searches.ChangedRow", not_personal("id model row", "keys of rows")),
]
