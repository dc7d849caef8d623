"""Every column that can hold a text is searched, in rows of everybody, in whatever dress the address stands."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule, Task

from bazaar.erasure import erase, searches, verify
from bazaar.erasure.actions import REDACT
from bazaar.erasure.inventory import collect
from bazaar.models import AuditLog, LoginAttempt, MagicLinkToken, Session, User
from bazaar.searches.models import ErasureSearchPart
from bazaar.sessions import SessionStore
from maintenance.models import Pause
from tests.bazaar.erasure.rows import entry_about
from tests.factories import (
    FACTORIES,
    AuditLogFactory,
    LoginAttemptFactory,
    MagicLinkTokenFactory,
    PushTokenFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ADDRESS = "ann.böhm@exämple.org"
DRESSES = (
    "ann.böhm@exämple.org",
    "ANN.BÖHM@EXÄMPLE.ORG",
    "ann.bo\u0308hm@exa\u0308mple.org",
    "ann.böhm@xn--exmple-cua.org",
    "to%3Aann.b%C3%B6hm%40ex%C3%A4mple.org",
    "ann.b&#246;hm&#64;exämple.org",
    "ann.b\u00adöhm@exämple.org",
)
REFERENCES = [
    lambda user: str(user.pk),
    lambda user: str(user.public_id),
    lambda user: str(user.public_id).upper(),
    lambda user: user.public_id.hex,
]
COLUMNS = sorted(
    {(p.model, name) for p in collect() for name in p.fields if p.anonymise is REDACT and p.selector.is_search}
)
SHORT = {"resource_type": 50, "type": 50, "mime_type": 100, "consent_type": 50, "group": 100, "name": 100}


def row_with(model, column, text):
    """Make somebody else's row with a text in a column."""
    by_model = {row._meta.label: row for row in FACTORIES}
    value = {column: {"note": text} if column in {"metadata", "data"} else text}
    if model in by_model:
        row = FACTORIES[by_model[model]](**value)
        type(row)._base_manager.filter(pk=row.pk).update(**value)  # an upload gets the type of its content
        return row
    now = timezone.now()
    if model == "auth.Group":
        return Group.objects.create(**value)
    if model == "maintenance.Pause":
        return Pause.objects.create(**value)
    if model == "django_q.Task":
        return Task.objects.create(**{"id": "1", "name": "t", "func": "f", "started": now, "stopped": now, **value})
    if model == "django_q.Schedule":
        (row,) = Schedule.objects.bulk_create([Schedule(**{"func": "f", **value})])
        return row
    assert model == "admin.LogEntry"
    entry = entry_about(UserFactory(), UserFactory(is_staff=True))
    LogEntry.objects.filter(pk=entry.pk).update(**value)
    return entry


def erase_with_search(request):
    now = timezone.now()
    with transaction.atomic():
        searches.plan(now)
        for part in ErasureSearchPart.objects.all():
            searches.perform(part)
        return erase(request.pk, now, searched=searches.found_for(request))


@pytest.mark.parametrize("is_searched", [False, True])
@pytest.mark.parametrize(("model", "column"), COLUMNS)
def test_an_address_in_a_column_of_somebody_elses_row_is_removed(model, column, is_searched, request_deletion):
    user = UserFactory(email=ADDRESS)
    dress = DRESSES[COLUMNS.index((model, column)) % 2]
    row = row_with(model, column, f"by {dress} x")
    request = request_deletion(user)
    before = type(row)._base_manager.filter(pk=row.pk).values(column).get()[column]
    assert dress in str(before)

    if is_searched:
        erase_with_search(request)
    else:
        with transaction.atomic():
            erase(request.pk, timezone.now())

    after = type(row)._base_manager.filter(pk=row.pk).values(column).get()[column]
    removed = f"[removed-{row.pk}]" if model == "auth.Group" else "[removed]"
    assert (after["note"] if isinstance(after, dict) else after) == f"by {removed} x"


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("is_searched", [False, True])
def test_an_address_is_removed_in_every_dress(dress, is_searched, request_deletion):
    log = AuditLogFactory(user=None, metadata={"note": f"by {dress} x"})
    request = request_deletion(UserFactory(email=ADDRESS))

    if is_searched:
        erase_with_search(request)
    else:
        with transaction.atomic():
            erase(request.pk, timezone.now())

    log.refresh_from_db()
    assert "[removed]" in log.metadata["note"]
    assert "hm" not in log.metadata["note"]


@pytest.mark.parametrize("spelling", ["ann@exämple.org", "ann@xn--exmple-cua.org"])
@pytest.mark.parametrize("own", ["ann@exämple.org", "ann@xn--exmple-cua.org"])
def test_e_mail_columns_are_found_in_unicode_and_in_ascii(spelling, own, erase_user):
    user = UserFactory(email=own)
    MagicLinkTokenFactory(email=spelling)

    erase_user(user)

    assert not MagicLinkToken.objects.exists()


@pytest.mark.parametrize("anonymize", [True, False])
@pytest.mark.parametrize(
    "own",
    ["İrem@example.org", "straße@example.org", "νίκος@example.org", "NORDSTRAẞE@x.org", "ＡＮＮ@x.org", "ﬁona@x.org",
     "ann@straße.example.org", "ann@xn--strae-oqa.example.org", "ann@faß.de", '"ann smith"@example.org'],
)  # fmt: skip
@pytest.mark.parametrize("is_former", [False, True])
def test_e_mail_columns_are_found_however_the_letters_of_the_address_fold(erase_user, own, is_former, anonymize):
    user = UserFactory(email=own)
    for spelling in (own, own.upper(), own.lower()):
        MagicLinkTokenFactory(email=spelling)
    LoginAttemptFactory(email=own, user=None)
    if is_former:
        user.change_email("later@example.org")

    erase_user(user, anonymize=anonymize)

    assert not MagicLinkToken.objects.exists()
    assert not LoginAttempt.objects.exists()


@pytest.mark.parametrize("is_staff", [False, True])
def test_sessions_of_others_that_mention_the_person_go(erase_user, is_staff):
    user = UserFactory(email="ann@example.org")
    store = SessionStore()
    owner = UserFactory(is_staff=is_staff) if is_staff else None
    data = {"draft": "to%3Aann%40example.org"} | ({"_auth_user_id": str(owner.pk)} if owner else {})
    mentioning = Session.objects.create(
        session_key="a" * 32,
        session_data=store.encode(data),
        expire_date=timezone.now() + timedelta(days=1),
        user=owner,
    )
    other = Session.objects.create(
        session_key="b" * 32, session_data=store.encode({"draft": "x"}), expire_date=mentioning.expire_date
    )

    erase_user(user)

    assert list(Session.objects.all()) == [other]


@pytest.mark.parametrize("anonymize", [True, False])
@pytest.mark.parametrize(
    "form",
    ["users", "USER", "profile", "Account", "bazaar.User", "bazaar_user", "UserAccount", "team-member", "people"],
)
@pytest.mark.parametrize("reference", REFERENCES)
def test_a_log_that_names_the_person_as_its_resource_is_found(erase_user, form, reference, anonymize):
    user = UserFactory()
    log = AuditLogFactory(user=None, resource_type=form, resource_id=reference(user), metadata={"phone": "1"})

    erase_user(user, anonymize=anonymize)

    log.refresh_from_db()
    assert (log.resource_id, log.ip_address, log.metadata) == (None, None, {})


@pytest.mark.parametrize("form", ["project", "userscript", "user_agent", "profile_picture", ""])
def test_a_log_about_a_thing_with_the_same_number_stays(erase_user, form):
    user = UserFactory()
    log = AuditLogFactory(user=None, resource_type=form, resource_id=str(user.pk), metadata={"phone": "1"})

    erase_user(user)

    log.refresh_from_db()
    assert (log.resource_id, log.metadata) == (str(user.pk), {"phone": "1"})


def test_verify_finds_by_an_address_that_is_given(erase_user):
    from bazaar.erasure import examine

    user = UserFactory(email="ann@example.org")
    erase_user(user)
    link, log = MagicLinkTokenFactory(email="ann@example.org"), AuditLogFactory(user=None, action="to ann@example.org")
    PushTokenFactory()

    assert verify(user.pk) == []
    found = examine(user.pk, addresses=["ANN@example.org"])

    assert {(finding.model, finding.ids) for finding in found.findings} == {
        ("bazaar.MagicLinkToken", (link.pk,)),
        ("bazaar.AuditLog", (log.pk,)),
    }
    assert found.limits == []
    assert "no address is known" in examine(user.pk).limits[0]
    assert AuditLog.objects.get(pk=log.pk).action == "to ann@example.org"
    assert User.objects.get(pk=user.pk).anonymized_at
