"""The person's account: a part of `bazaar.personal_data`. It comes last, because everything else belongs to it."""

from bazaar.erasure.actions import (
    AS_DELETED_USER,
    AS_PLACEHOLDER,
    BLANK,
    DELETE_ROW,
    FALSE,
    FIRST_TIME,
    KEEP,
    NOW,
    NULL,
    REDACT,
    UNUSABLE_PASSWORD,
    constant,
)
from bazaar.erasure.inventory import DataCategory, model_policy, not_personal, personal
from bazaar.erasure.selectors import SUBJECT, by_user, everywhere

ADDRESS, CHOICE, CREDENTIAL, FILE = (
    DataCategory.ADDRESS,
    DataCategory.CHOICE,
    DataCategory.CREDENTIAL,
    DataCategory.FILE,
)
NAME, PERSON, TEXT = DataCategory.NAME, DataCategory.PERSON, DataCategory.TEXT

ACCOUNT = "an account is kept until its owner asks for its deletion"

ACCOUNTS = [
    *model_policy(
        "bazaar.UserFormerEmail",
        personal("user email held_from held_until", ADDRESS, by_user("user"), DELETE_ROW),
        not_personal("id created_at"),
        limits="FORMER_ADDRESS_RETENTION_YEARS",
    ),
    *model_policy(
        "bazaar.User_groups",
        personal("user group", CHOICE, by_user("user"), DELETE_ROW),
        not_personal("id"),
        because=ACCOUNT,
    ),
    *model_policy(
        "bazaar.User_user_permissions",
        personal("user permission", CHOICE, by_user("user"), DELETE_ROW),
        not_personal("id"),
        because=ACCOUNT,
    ),
    *model_policy(
        "bazaar.User",
        personal("invited_by", PERSON, by_user("invited_by"), KEEP, NULL, note="those whom they invited"),
        personal(
            "name bio",
            TEXT,
            everywhere(None, "updated_at", anonymized_at=None),
            REDACT,
            note="those of others, as they are now",
        ),
        personal("email", ADDRESS, SUBJECT, AS_PLACEHOLDER, DELETE_ROW),
        personal("name", NAME, SUBJECT, AS_DELETED_USER, DELETE_ROW),
        personal("bio", TEXT, SUBJECT, BLANK, DELETE_ROW),
        personal("avatar", FILE, SUBJECT, NULL, DELETE_ROW),
        personal("invited_by", PERSON, SUBJECT, NULL, DELETE_ROW),
        personal("password", CREDENTIAL, SUBJECT, UNUSABLE_PASSWORD, DELETE_ROW),
        personal("is_active is_staff is_superuser is_external", CHOICE, SUBJECT, FALSE, DELETE_ROW),
        personal("include_in_search show_email_on_profile", CHOICE, SUBJECT, FALSE, DELETE_ROW),
        personal("show_activity_publicly", CHOICE, SUBJECT, FALSE, DELETE_ROW),
        personal("last_login deletion_requested_at staff_until", CHOICE, SUBJECT, NULL, DELETE_ROW),
        personal("karma", CHOICE, SUBJECT, constant(0), DELETE_ROW),
        personal("anonymized_at", CHOICE, SUBJECT, FIRST_TIME, DELETE_ROW),
        personal("updated_at", CHOICE, SUBJECT, NOW, DELETE_ROW),
        personal("public_id", PERSON, SUBJECT, KEEP, DELETE_ROW, note="random; the evidence names them by it"),
        personal("created_at deleted_at", CHOICE, SUBJECT, KEEP, DELETE_ROW),
        not_personal("id"),
        because=ACCOUNT,
    ),
]
