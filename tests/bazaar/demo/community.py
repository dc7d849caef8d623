"""Rows of the demonstration community, and every situation that it promises to contain."""

from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Count, F, Q

from bazaar.account_triggers import permit_deletion
from bazaar.demo import fill
from bazaar.karma import drifted
from bazaar.models import (
    AuditLog,
    ClosingMail,
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

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SMALL = 0.05
MONTH = timedelta(days=30)

NOT_SEEDED = {
    "bazaar.User": {"password", "updated_at"},
    "bazaar.Project": {"updated_at"},
    "bazaar.Idea": {"updated_at"},
    "bazaar.Upload": {"file"},
    "bazaar.Invitation": {"token_hash"},
    "bazaar.DeletionRequest": {"public_id"},
    "bazaar.Session": {"session_key", "session_data"},
    "admin.LogEntry": {"content_type_id"},
}
"""What must not be guessed, and what is the clock's."""


def filled_models():
    """The models of the domain. The queue of last mails is none: a community without erasures has nothing to send."""
    return [*(model for model in apps.get_app_config("bazaar").get_models() if model is not ClosingMail), LogEntry]


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
