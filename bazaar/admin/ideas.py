"""Ideas, who is interested in them, and who likes them."""

from django.contrib import admin

from bazaar.admin.base import DomainAdmin
from bazaar.models import Idea, IdeaInterest, IdeaUpvote


@admin.register(Idea)
class IdeaAdmin(DomainAdmin):
    list_display = ("id", "title", "creator", "status", "graduated_to", "created_at")
    list_filter = ("created_at", "status")
    list_select_related = ("creator", "graduated_to")
    search_fields = ("title", "creator__email")
    autocomplete_fields = ("creator", "graduated_to")


@admin.register(IdeaInterest)
class IdeaInterestAdmin(DomainAdmin):
    list_display = ("id", "idea", "user", "created_at")
    list_select_related = ("idea", "user")
    search_fields = ("idea__title", "user__email")
    autocomplete_fields = ("idea", "user")


@admin.register(IdeaUpvote)
class IdeaUpvoteAdmin(DomainAdmin):
    list_display = ("id", "idea", "user", "created_at")
    list_select_related = ("idea", "user")
    search_fields = ("idea__title", "user__email")
    autocomplete_fields = ("idea", "user")
