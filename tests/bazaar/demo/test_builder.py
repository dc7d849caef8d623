"""The demonstration community: always the same, invented throughout, and with work for every job."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Count, F, Q

import bazaar.demo
from bazaar.account_triggers import permit_deletion
from bazaar.demo import fill
from bazaar.karma import drifted
from bazaar.models import (
    AuditLog,
    Collaborator,
    ConsentRecord,
    DeletionRequest,
    Idea,
    IdeaInterest,
    Invitation,
    LoginAttempt,
    MagicLinkToken,
    Notification,
    Project,
    PushToken,
    RefreshToken,
    Session,
    Upload,
    User,
    UserFormerEmail,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SMALL = 0.05
MONTH = timedelta(days=30)

NOT_SEEDED = {
    "bazaar.User": {"password", "updated_at"},
    "bazaar.Project": {"updated_at"},
    "bazaar.Idea": {"updated_at"},
    "bazaar.Upload": {"file"},
    "bazaar.Invitation": {"token"},
    "bazaar.Session": {"session_key", "session_data"},
    "admin.LogEntry": {"content_type_id"},
}
"""What must not be guessed, and what is the clock's."""

ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\w")
DOCUMENTATION = [ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path) -> Path:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}},
    }
    return tmp_path


@pytest.fixture
def community() -> dict[str, int]:
    return dict(fill(seed=1, scale=SMALL, now=NOW))


def filled_models():
    return [*apps.get_app_config("bazaar").get_models(), LogEntry]


def rows(*, of_seed_only=True):
    """Every row of the community, by model, without the columns that a seed does not decide."""
    tables = {}
    for model in filled_models():
        left_out = NOT_SEEDED.get(model._meta.label, set()) if of_seed_only else set()
        columns = [f.attname for f in model._meta.concrete_fields if f.attname not in left_out]
        order = "expire_date" if model is Session else "pk"
        tables[model._meta.label] = list(model._default_manager.order_by(order).values_list(*columns))
    return tables


def fill_anew(*, seed, scale=SMALL):
    """Delete all rows, let ids begin at 1 again, because metadata name ids, and return the rows of a new community."""
    numbered = [model._meta.db_table for model in filled_models() if model is not Session]
    resets = connection.ops.sequence_reset_by_name_sql(no_style(), [{"table": t, "column": "id"} for t in numbered])
    connection.check_constraints()
    permit_deletion(User.objects.all(), NOW)
    with connection.cursor() as cursor:
        for model in filled_models():
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        for statement in resets:
            cursor.execute(statement)
    assert not any(rows().values())
    fill(seed=seed, scale=scale, now=NOW)
    return rows()


def texts() -> Iterator[str]:
    for table in rows(of_seed_only=False).values():
        for row in table:
            yield from (json.dumps(value) if isinstance(value, dict) else value for value in row if value)


def orphans():
    used = [User.objects.exclude(avatar=None).values("avatar"), Project.objects.exclude(image=None).values("image")]
    return Upload.objects.exclude(Q(pk__in=used[0]) | Q(pk__in=used[1]))


def overdue(**conditions):
    return DeletionRequest.objects.filter(status="pending", scheduled_for__lt=NOW, **conditions)


def sole_creators_with_company():
    return (
        Project.objects.annotate(
            creators=Count("collaborators", filter=Q(collaborators__role="creator")), team=Count("collaborators")
        )
        .filter(creators=1, team__gt=1)
        .values("pk")
    )


def situations():
    """Everything that the community promises to contain, each a query that must find something."""
    year, three_years = NOW - relativedelta(years=1), NOW - relativedelta(years=3)
    members, former = User.objects.values("email"), UserFormerEmail.objects.values("email")
    pending = Invitation.objects.pending()
    logs, links, devices = AuditLog.objects.all(), MagicLinkToken.objects.all(), PushToken.objects.all()
    stale, inside = NOW - timedelta(days=90), NOW - timedelta(days=89)
    without_user = logs.filter(user=None)
    return {
        "staff without superuser rights": User.objects.filter(is_staff=True, is_superuser=False),
        "external members": User.objects.filter(is_external=True),
        "invited members": User.objects.exclude(invited_by=None),
        "members with an avatar": User.objects.exclude(avatar=None),
        "members with a biography": User.objects.exclude(bio=""),
        "members who are away for long": User.objects.filter(last_login__lt=year),
        "deactivated members": User.objects.filter(is_active=False),
        "former addresses": UserFormerEmail.objects.all(),
        "revoked consents": ConsentRecord.objects.exclude(revoked_at=None),
        "contributors": Collaborator.objects.filter(role="contributor"),
        "advisors": Collaborator.objects.filter(role="advisor"),
        "featured projects": Project.objects.filter(is_featured=True),
        "projects with an image": Project.objects.exclude(image=None),
        "graduated ideas": Idea.objects.filter(status="graduated").exclude(graduated_to=None),
        "interests with a message": IdeaInterest.objects.exclude(message=""),
        "notifications about somebody": Notification.objects.exclude(actor=None),
        "notifications that name people in their data": Notification.objects.filter(data__has_key="fullName"),
        "push tokens not used for 90 days": devices.filter(last_used_at__lt=stale),
        "push tokens just inside the limit": devices.filter(last_used_at__gt=stale, last_used_at__lt=inside),
        "push tokens in use": devices.filter(last_used_at__gt=NOW - MONTH),
        "live refresh tokens": RefreshToken.objects.filter(revoked_at=None, expires_at__gt=NOW),
        "expired refresh tokens": RefreshToken.objects.filter(expires_at__lt=NOW),
        "revoked refresh tokens": RefreshToken.objects.exclude(revoked_at=None),
        "live magic links": links.filter(used_at=None, expires_at__gt=NOW),
        "expired magic links": links.filter(used_at=None, expires_at__lt=NOW),
        "used magic links": links.exclude(used_at=None),
        "log-in attempts of nobody": LoginAttempt.objects.exclude(email__in=members),
        "log-in attempts linked to a member": LoginAttempt.objects.exclude(user=None),
        "log-in attempts known by address only": LoginAttempt.objects.filter(user=None, email__in=members),
        "log-in attempts with a former address": LoginAttempt.objects.filter(email__in=former),
        "magic links to a former address": links.filter(email__in=former),
        "live sessions": Session.objects.filter(expire_date__gt=NOW).exclude(user=None),
        "sessions of nobody": Session.objects.filter(user=None),
        "old pending invitations": pending.filter(created_at__lt=NOW - MONTH),
        "young pending invitations": pending.filter(created_at__gt=NOW - MONTH),
        "pending invitations to members": pending.filter(email__in=members),
        "accepted invitations of members": Invitation.objects.exclude(accepted_at=None).filter(email__in=members),
        "declined invitations": Invitation.objects.exclude(declined_at=None),
        "audit logs older than a year with a user": logs.filter(created_at__lt=year).exclude(user=None),
        "audit logs just younger than a year": logs.filter(created_at__gt=year, created_at__lt=year + MONTH / 10),
        "audit logs without a user but with an address": without_user.exclude(ip_address=None),
        "audit logs about somebody": logs.exclude(subject=None),
        "clean audit logs": without_user.filter(action="search.rebuilt", ip_address=None, created_at__lt=year),
        "audit logs older than three years": logs.filter(created_at__lt=three_years),
        "entries of the admin log": LogEntry.objects.filter(object_repr__contains="@"),
        "old orphaned uploads": orphans().filter(created_at__lt=NOW - MONTH),
        "young orphaned uploads": orphans().filter(created_at__gt=NOW - MONTH),
        "uploads of nobody": orphans().filter(uploaded_by=None),
        "overdue requests to anonymise": overdue(anonymize_contributions=True),
        "overdue requests to delete everything": overdue(anonymize_contributions=False),
        "overdue requests of a sole creator": overdue(
            anonymize_contributions=False,
            user__collaborations__role="creator",
            user__collaborations__project__in=sole_creators_with_company(),
        ),
        "requests that are not due": DeletionRequest.objects.filter(status="pending", scheduled_for__gt=NOW),
        "cancelled requests": DeletionRequest.objects.filter(status="cancelled").exclude(cancel_reason=""),
        "members with too much karma": drifted().filter(karma__gt=F("expected_karma")),
        "members with too little karma": drifted().filter(karma__lt=F("expected_karma")),
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_promised_situation_occurs_even_in_the_smallest_community(seed):
    fill(seed=seed, scale=0.01, now=NOW)

    assert [name for name, query in situations().items() if not query.exists()] == []


def test_no_model_of_the_domain_is_left_empty(community):
    assert [model._meta.label for model in filled_models() if not model._default_manager.exists()] == []


def test_it_returns_the_number_of_rows_of_each_model(community):
    assert community == {str(m._meta.verbose_name): m._default_manager.count() for m in filled_models()}


def test_the_same_seed_makes_the_same_community():
    first = fill_anew(seed=1)

    assert fill_anew(seed=1) == first


def test_another_seed_makes_another_community():
    first, second = fill_anew(seed=1), fill_anew(seed=2)

    assert [label for label in first if first[label] == second[label]] == []


def test_a_smaller_scale_makes_fewer_of_everything():
    larger, smaller = fill_anew(seed=1, scale=0.6), fill_anew(seed=1, scale=0.3)

    assert [label for label in larger if len(smaller[label]) >= len(larger[label])] == []


@pytest.mark.parametrize("scale", [0, -1])
def test_a_scale_that_makes_no_sense_is_refused(scale):
    with pytest.raises(ValueError, match="above 0"):
        fill(seed=1, scale=scale, now=NOW)


def test_it_tells_of_every_stage_in_a_sentence():
    told = []

    fill(seed=1, scale=SMALL, now=NOW, report=told.append)

    assert len(told) == len(set(told)) == len(bazaar.demo.STAGES)
    assert all(sentence.endswith(".") for sentence in told)


def test_a_failure_leaves_neither_rows_nor_files(monkeypatch, uploads):
    written = []

    def fail(world):
        written.extend(uploads.iterdir())
        raise RuntimeError

    monkeypatch.setattr(bazaar.demo, "STAGES", (*bazaar.demo.STAGES, ("It fails.", fail)))

    with pytest.raises(RuntimeError):
        fill(seed=1, scale=SMALL, now=NOW)

    assert len(written) > 10
    assert list(uploads.iterdir()) == []
    assert not any(rows().values())


def test_nobody_has_a_password_or_may_do_everything(community):
    users = list(User.objects.all())

    assert [user for user in users if user.has_usable_password() or user.is_superuser] == []


def test_all_addresses_are_of_the_domain_for_examples(community):
    found = [address for text in texts() if isinstance(text, str) for address in ADDRESS.findall(text)]

    assert len(found) > 100
    assert [address for address in found if not re.search(r"[@.]example\.org$", address)] == []


def test_no_address_belongs_to_two_members(community):
    addresses = [
        *User.objects.values_list("email", flat=True),
        *UserFormerEmail.objects.values_list("email", flat=True),
    ]

    assert len(addresses) == len(set(addresses))


@pytest.mark.parametrize("model", [AuditLog, ConsentRecord, LoginAttempt])
def test_ip_addresses_are_of_the_networks_for_documentation(community, model):
    found = list(model.objects.exclude(ip_address=None).values_list("ip_address", flat=True))

    assert found
    assert [ip for ip in found if not any(ip_address(ip) in network for network in DOCUMENTATION)] == []


def test_a_fifth_of_the_audit_log_is_older_than_three_years_and_all_of_it_is_in_order(community):
    moments = list(AuditLog.objects.order_by("pk").values_list("created_at", flat=True))
    limit = NOW - relativedelta(years=3)

    assert moments == sorted(moments)
    assert sum(moment < limit for moment in moments) / len(moments) == pytest.approx(0.2, abs=0.01)


def test_old_audit_logs_hold_personal_metadata_at_every_depth(community):
    old = AuditLog.objects.filter(created_at__lt=NOW - relativedelta(years=1))
    metadata = dict(old.values_list("action", "metadata"))

    assert metadata["user.email_changed"]["to"].endswith("example.org")
    assert metadata["admin.user_viewed"]["results"][0]["name"]
    assert metadata["invitation.sent"]["invitations"][0]["email"]
    assert metadata["auth.rate_limited"]["client"]["forwarded_for"]
    assert metadata["moderation.report_filed"]["reports"][0]["reporter"]["fullName"]
    assert all("@" in address for address in metadata["newsletter.sent"]["bounced"])


def test_every_upload_has_its_file_but_one_that_nothing_shows(community):
    (lost,) = [upload for upload in Upload.objects.all() if not default_storage.exists(upload.file.name)]

    assert lost in orphans().filter(created_at__lt=NOW - MONTH)
    with Upload.objects.earliest("pk").file.open() as file:
        assert file.read().startswith(b"\x89PNG")


def test_the_rows_of_uploads_tell_the_size_of_their_files(community):
    uploads = [upload for upload in Upload.objects.all() if default_storage.exists(upload.file.name)]

    assert [upload for upload in uploads if upload.file.size != upload.size] == []
    assert len({upload.size for upload in uploads}) > 3


def test_some_old_files_are_known_to_no_row(community, uploads):
    strays = [path for path in uploads.iterdir() if not Upload.objects.filter(file=path.name).exists()]

    assert len(strays) > 1
    assert all(path.stat().st_mtime < (NOW - MONTH).timestamp() for path in strays)


def test_who_wants_to_be_deleted_knows_since_when(community):
    asked = dict(DeletionRequest.objects.filter(status="pending").values_list("user_pk", "requested_at"))

    assert dict(User.objects.exclude(deletion_requested_at=None).values_list("pk", "deletion_requested_at")) == asked


def test_the_karma_of_most_members_is_right(community):
    assert 0 < drifted().count() < User.objects.filter(karma__gt=0).count() / 2


def test_nothing_is_older_than_who_made_it_or_younger_than_now(community):
    assert not User.objects.filter(Q(created_at__gt=NOW) | Q(last_login__lt=F("created_at"))).exists()
    assert not PushToken.objects.filter(created_at__lt=F("user__created_at")).exists()
    assert not Invitation.objects.filter(created_at__lt=F("invited_by__created_at")).exists()
    assert not DeletionRequest.objects.filter(requested_at__lt=F("user__created_at")).exists()
    assert not AuditLog.objects.filter(created_at__gt=NOW).exists()
