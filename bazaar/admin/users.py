"""Users. An account is deleted through a deletion request, never here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm as DjangoUserChangeForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bazaar.admin.access import AccessAdmin
from bazaar.admin.account_deletion import AccountDeletionAdmin
from bazaar.admin.confirmation import current_user
from bazaar.deletion_errors import LastSuperuser
from bazaar.models import User, UserFormerEmail
from bazaar.models.user_lock import lock_user
from bazaar.rights import has_rights_beyond

ADMINISTRATOR = ("is_active", "is_staff", "is_superuser")
"""The flags of an administrator."""
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class UserAddForm(AdminUserCreationForm):  # type: ignore[type-arg] # not generic at run time
    class Meta:
        model = User
        fields = ("email",)


class UserChangeForm(DjangoUserChangeForm):  # type: ignore[type-arg] # not generic at run time
    """Refuses to remove the rights of the last active superuser, by the rule for deletions."""

    class Meta:
        model = User
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        lost = [name for name in ADMINISTRATOR if self.initial.get(name) and not cleaned.get(name, True)]
        if lost:
            try:
                lock_user(self.instance.pk)  # the admin saves in the same transaction
            except LastSuperuser as refusal:
                self.add_error(lost[0], _(str(refusal)))
        return cleaned


class UserFormerEmailInline(admin.TabularInline):  # type: ignore[type-arg] # not generic at run time
    """The former addresses of a user. They are recorded automatically and erased with the account."""

    model = UserFormerEmail
    fields = readonly_fields = ("email", "created_at")
    ordering = ("-id",)
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(User)
class UserAdmin(AccessAdmin, AccountDeletionAdmin, DjangoUserAdmin):  # type: ignore[type-arg] # not generic at run time
    form = UserChangeForm
    add_form = UserAddForm
    list_display = ("id", "email", "name", "is_active", "is_staff", "karma", "created_at", "anonymized_at")
    list_filter = (
        "created_at",
        "is_active",
        "is_staff",
        "is_superuser",
        "is_external",
        ("deletion_requested_at", admin.EmptyFieldListFilter),
        ("anonymized_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("email", "name", "pk__exact", "=public_id")
    autocomplete_fields = ("invited_by",)
    raw_id_fields = ("avatar",)
    readonly_fields = ("password_page", "last_login")
    inlines = (UserFormerEmailInline,)
    fieldsets = (
        (
            None,
            {"fields": ("public_id", "email", "password_page", "name", "bio", "avatar", "is_external", "invited_by")},
        ),
        ("Community", {"fields": ("karma", "show_email_on_profile", "include_in_search", "show_activity_publicly")}),
        ("Permissions", {"fields": ("is_active", *RIGHTS)}),
        (
            "Dates",
            {
                "fields": (
                    "last_login",
                    "created_at",
                    "updated_at",
                    "deletion_requested_at",
                    "deleted_at",
                    "anonymized_at",
                )
            },
        ),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)

    @admin.display(description="password")
    def password_page(self, user: User) -> SafeString:
        label = "Reset password" if user.has_usable_password() else "Set password"
        return format_html('<a href="{}">{}</a>', reverse("admin:auth_user_password_change", args=[user.pk]), label)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return list(super().get_inlines(request, obj)) if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only a superuser can change rights."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else [*fields, *RIGHTS]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account with rights that one lacks cannot be changed, and nobody can change an anonymised one.

        A person who sets its password or its address, or activates it, comes to have its rights.
        """
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or not (obj.anonymized_at or has_rights_beyond(obj, current_user(request)))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def save_model(self, request: HttpRequest, obj: User, form: "forms.ModelForm[User]", change: bool) -> None:
        address = obj.email
        if change:
            # Locked, so that of two changes at once each remembers the address that it replaces.
            obj.email = User.objects.select_for_update().values_list("email", flat=True).get(pk=obj.pk)
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            obj.change_email(address)
