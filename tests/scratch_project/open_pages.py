"""Log in as an operator and open the engine's pages; print each address with its status."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scratch_settings")

import django

django.setup()

from django.test.utils import setup_test_environment

setup_test_environment()  # responses tell their templates

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from maintenance.models import JobRun

user = get_user_model().objects.create_superuser("operator", "operator@example.org", "invented")
client = Client()
client.force_login(user)
run = JobRun.objects.latest("pk")
pages = [
    reverse("admin:index"),
    reverse("admin:maintenance_jobs"),
    reverse("admin:maintenance_job", args=["cleanup-carts"]),
    reverse("admin:maintenance_jobrun_change", args=[run.pk]),
    reverse("admin:maintenance_schedule", args=["cleanup-carts"]),
    reverse("admin:maintenance_retention"),
    reverse("admin:maintenance_report"),
    reverse("admin:maintenance_failures"),
    reverse("admin:maintenance_cluster"),
    reverse("admin:maintenance_jobrun_changelist"),
    reverse("admin:django_q_schedule_changelist"),
    reverse("health-live"),
]
for page in pages:
    print(page, client.get(page).status_code)
names = [template.name or "" for template in client.get(pages[0]).templates]
assert "admin/index.html" in names
print("changed", any(name.startswith("maintenance/") for name in names))
