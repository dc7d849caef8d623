"""The page on which staff change their own password. Its check of the old password is an attempt to log in."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from bazaar.throttle import begin_attempt, refusal, succeeded


class ThrottledPasswordForm(AdminPasswordChangeForm):
    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_old_password(self) -> str:
        attempt = begin_attempt(self._request, self.user.email)
        if attempt is None:
            raise refusal()
        password: str = super().clean_old_password()
        succeeded(attempt, self.user)
        return password


def password_change(request: HttpRequest) -> HttpResponseBase:
    """Show the admin's page with the form above, instead of the admin's own form."""
    view = PasswordChangeView.as_view(
        form_class=partial(ThrottledPasswordForm, request=request),
        success_url=reverse("admin:password_change_done"),
        template_name="registration/password_change_form.html",
        extra_context=admin.site.each_context(request),
    )
    request.current_app = admin.site.name  # as Django's own view does
    return view(request)
