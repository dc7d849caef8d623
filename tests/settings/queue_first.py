"""A project that lists the queue before `maintenance`, so that Django would find the queue's commands first."""

from bazaar.settings import *  # noqa: F403

INSTALLED_APPS = ["django_q", *(app for app in INSTALLED_APPS if app != "django_q")]  # noqa: F405
