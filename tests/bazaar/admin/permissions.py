"""Permissions, and requests to the views behind them."""

from urllib.parse import urlencode

from django.contrib.auth.models import Permission
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve

from bazaar.models import User
from bazaar.sessions import SessionStore


def name_of(permission):
    return f"{permission.content_type.app_label}.{permission.codename}"


def permissions():
    return Permission.objects.select_related("content_type").order_by("content_type__app_label", "codename")


def send(user, address, data):
    """Send a form to the view, without the middleware, which takes most of the time; `None` where it is refused."""
    view, arguments, names = resolve(address)
    form = urlencode(data, doseq=True)
    request = RequestFactory().post(address, form, content_type="application/x-www-form-urlencoded")
    request.user, request.session = User.objects.get(pk=user.pk), SessionStore()
    request._messages, request._dont_enforce_csrf_checks = FallbackStorage(request), True
    try:
        return view(request, *arguments, **names)
    except (PermissionDenied, Http404):
        return None
