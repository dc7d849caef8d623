"""Projects, collaborators and upvotes."""

from django.contrib import admin

from bazaar.admin.base import DomainAdmin
from bazaar.models import Collaborator, Project, Upvote


@admin.register(Project)
class ProjectAdmin(DomainAdmin):
    list_display = ("id", "title", "status", "is_featured", "created_at", "updated_at")
    list_filter = ("created_at", "status", "is_featured")
    search_fields = ("title", "url", "repo_url")
    raw_id_fields = ("image",)


@admin.register(Collaborator)
class CollaboratorAdmin(DomainAdmin):
    list_display = ("id", "project", "user", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("project", "user")
    search_fields = ("project__title", "user__email")
    autocomplete_fields = ("project", "user")


@admin.register(Upvote)
class UpvoteAdmin(DomainAdmin):
    list_display = ("id", "project", "user", "created_at")
    list_select_related = ("project", "user")
    search_fields = ("project__title", "user__email")
    autocomplete_fields = ("project", "user")
