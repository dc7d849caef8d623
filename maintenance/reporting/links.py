"""The addresses of pages for those who are not in the admin: mails, metrics and the command line."""

from django.urls import NoReverseMatch, reverse

from maintenance.conf import settings


def link_to(name: str, *arguments: object) -> str:
    """Return the address of a page; the site's own where it has no such page, nothing where `SITE_URL` is not set."""
    base = settings.SITE_URL.rstrip("/")
    if not base:
        return ""
    try:
        return base + reverse(name, args=arguments)
    except NoReverseMatch:
        return f"{base}/"


def link_to_run(run_id: int | None) -> str:
    """Return the address of the page of a run; of the jobs where there was none."""
    return link_to("admin:maintenance_jobrun_change", run_id) if run_id else link_to("admin:maintenance_jobs")
