"""Invitations to join a project."""

from django.contrib import admin

from bazaar.admin.base import DomainAdmin
from bazaar.models import Invitation


@admin.register(Invitation)
class InvitationAdmin(DomainAdmin):
    list_display = (
        "id",
        "email",
        "project",
        "role",
        "invited_by",
        "created_at",
        "expires_at",
        "accepted_at",
        "declined_at",
    )
    list_filter = (
        "created_at",
        "role",
        ("accepted_at", admin.EmptyFieldListFilter),
        ("declined_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("project", "invited_by")
    search_fields = ("email", "invited_by__email", "project__title")
    autocomplete_fields = ("project", "invited_by")
