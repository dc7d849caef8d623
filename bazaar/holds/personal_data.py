"""What legal holds say about people (see `bazaar.personal_data`)."""

from bazaar.erasure.actions import NULL
from bazaar.erasure.inventory import DataCategory, model_policy, not_personal, personal
from bazaar.erasure.selectors import by_user

PERSON = DataCategory.PERSON

POLICIES = [
    *model_policy(
        "holds.Hold",
        personal("user", PERSON, by_user("user"), NULL),
        personal("set_by", PERSON, by_user("set_by"), NULL),
        personal("released_by", PERSON, by_user("released_by"), NULL),
        not_personal("id public_id request status reason set_at review_on released_at", "ids, choices and dates"),
        limits="RELEASED_HOLD_RETENTION_YEARS",
    ),
]
