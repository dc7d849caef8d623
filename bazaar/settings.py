"""Settings that come from the environment; `.env.example` lists every variable. The others are `bazaar.application`."""

import os
from typing import Any

from bazaar import browser_policies, services
from bazaar.application import *  # noqa: F403 - a part of the settings
from bazaar.bootstrap import BASE_DIR, complete
from bazaar.environment import LEVELS, Environment, matching, sender
from bazaar.object_storage import address
from maintenance.core import checkin_urls

DATA_DIR = BASE_DIR / "data"

complete(os.environ)
env = Environment(os.environ)

# Security

DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.require(
    "SECRET_KEY",
    "SECRET_KEY is not set: put one into the environment or .env, or run `manage.py quickstart` to try things out.",
)
ALLOWED_HOSTS = env.items(
    "ALLOWED_HOSTS",
    r"\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]",
    "host names without scheme and port, separated by commas, such as bazaar.example.org",
)
CSRF_TRUSTED_ORIGINS = env.items(
    "CSRF_TRUSTED_ORIGINS",
    r"https?://(\*\.)?([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?",
    "origins without a path, separated by commas, such as https://bazaar.example.org",
)
SECURE_PROXY = env.boolean("SECURE_PROXY", default=False)
# A client that sends it as `Authorization: Bearer ...` may read /metrics; without it there are no metrics.
METRICS_TOKEN = env.text("METRICS_TOKEN", "", "ASCII characters without spaces", lambda text: matching(text, r"[!-~]+"))

if SECURE_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = SECURE_PROXY
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]  # these come from inside, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_PROXY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_PROXY
SECURE_HSTS_PRELOAD = env.boolean("HSTS_PRELOAD", default=False) and SECURE_PROXY  # getting off the list takes months
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # the preload is the operator's choice
SESSION_COOKIE_SECURE = SECURE_PROXY
CSRF_COOKIE_SECURE = SECURE_PROXY
CSRF_FAILURE_VIEW = "bazaar.error_pages.csrf_failure"
# Seconds of a database statement of a request.
REQUEST_STATEMENT_SECONDS = env.number("REQUEST_STATEMENT_SECONDS", 10, 0.1, 600)
STAFF_SESSION_IDLE_MINUTES = env.whole("STAFF_SESSION_IDLE_MINUTES", 60, 1, 1_440)
STAFF_SESSION_HOURS = env.whole("STAFF_SESSION_HOURS", 12, 1, 336)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = browser_policies.PERMISSIONS_POLICY
CONTENT_SECURITY_POLICY = browser_policies.CONTENT_SECURITY_POLICY

# Data: database, cache, files, mail

DATABASES = {
    "default": env.service(
        "DATABASE_URL",
        services.database,
        lambda: services.sqlite(DATA_DIR / "bazaar.sqlite3"),
        "postgres://user:password@host:5432/name, with special characters percent-encoded, or sqlite:///path/of/a/file "
        "that can be written",
    ),
    # Decisions about persons, where a restore of the main database does not touch them.
    "ledger": env.service(
        "LEDGER_DATABASE_URL",
        services.database,
        lambda: services.sqlite(DATA_DIR / "ledger.sqlite3"),
        "the address of a database of its own, in the form of DATABASE_URL",
    ),
}
LEDGER_IS_DEFAULT = not os.environ.get("LEDGER_DATABASE_URL", "").strip()
if services.is_same_database(*DATABASES.values()):
    env.refuse("LEDGER_DATABASE_URL", "the address of another database than DATABASE_URL: a restore must not touch it")
DATABASE_ROUTERS = ["bazaar.ledger.router.LedgerRouter"]
# What the digests in the ledger are made with. With it one can find out which address a digest is of.
LEDGER_KEY = env.text(
    "LEDGER_KEY", "", "at least 32 ASCII characters without spaces", lambda text: matching(text, r"[!-~]{32,}")
) or services.derived_key(SECRET_KEY, "ledger")
CACHES = {
    "default": env.service(
        "CACHE_URL",
        services.cache,
        lambda: {"BACKEND": services.FILE_CACHE, "LOCATION": str(DATA_DIR / "cache")},
        "filecache:///path/of/a/folder, or the address of a server that all processes share, such as redis://host:6379",
    )
}
UPLOADS_PATH = env.read("UPLOADS_PATH", services.path, DATA_DIR / "uploads", "the path of a folder for uploads alone")
MEDIA_ROOT = str(UPLOADS_PATH)
# Nobody else on the machine reads what people have uploaded. STORAGE_URL can say otherwise.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": env.service(
        "STORAGE_URL",
        services.storage,
        lambda: {"BACKEND": services.FILE_STORAGE, "OPTIONS": {"location": str(UPLOADS_PATH)}},
        f"{address.FORM}; or a storage class and its options, package.module.Class?option=value&option=value",
    ),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # Whoever collects them, as root when an image is built, is not who serves them.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
if DEBUG:
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

vars().update(
    env.service(
        "EMAIL_URL",
        services.mail,
        lambda: services.mail("dummymail://"),
        "smtp+tls://user:password@host:port (or smtp, smtp+ssl), with special characters percent-encoded, "
        "filemail:///path/of/a/folder, or consolemail://",
    )
)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL", "bazaar@localhost", "an e-mail address, or Name <address> (default bazaar@localhost)", sender
)

# How long things are kept: each age limit is a setting of the variable's name, where it is set. The jobs declare them.

vars().update(env.limits())
# After so many days no backup has what has been erased.
BACKUP_RETENTION_DAYS = env.whole("BACKUP_RETENTION_DAYS", 90, 1, 3_650)
DELETION_GRACE_DAYS = env.whole("DELETION_GRACE_DAYS", 30, 1, 3_650)
# What happens to the metadata of audit logs that are past their year.
AUDIT_METADATA = env.choice("AUDIT_METADATA", ("sanitise", "allow-list"))
# Words of the site's own language that make a key of the metadata personal.
AUDIT_PERSONAL_WORDS = env.items(
    "AUDIT_PERSONAL_WORDS",
    r"[^\W\d_]{2,50}",
    "words of letters, separated by commas, such as vorname,telefon (default none)",
)

# Maintenance. Durations are seconds.

MAINTENANCE_AUDIT_TRAIL = "bazaar.audit_trail.record_in_audit_trail"
MAINTENANCE_HOLDS = "bazaar.holds.rows"
MAINTENANCE_REPORT = "bazaar.report.sections_of"
MAINTENANCE_SEARCH = "bazaar.request_search.hits_of"
MAINTENANCE_REPLACES_QUEUE_ADMIN = True
MAINTENANCE_BATCH_SECONDS = env.number("MAINTENANCE_BATCH_SECONDS", 0.1, 0.0001, 60)
MAINTENANCE_BATCH_PAUSE = env.number("MAINTENANCE_BATCH_PAUSE", 0.5, 0, 900)
MAINTENANCE_DUTY_CYCLE = env.number("MAINTENANCE_DUTY_CYCLE", 0.5, 0, 1)
MAINTENANCE_TIME_BUDGET = env.number("MAINTENANCE_TIME_BUDGET", 3_600, 0.1, 604_800)
MAINTENANCE_LEASE_SECONDS = env.number("MAINTENANCE_LEASE_SECONDS", 60, 5, 3_600)
MAINTENANCE_STALL_SECONDS = env.number("MAINTENANCE_STALL_SECONDS", 300, 1, 86_400)

Q_TIMEOUT = env.whole("Q_TIMEOUT", int(MAINTENANCE_TIME_BUDGET) + 600, 1, 1_000_000)
Q_RETRY = env.whole("Q_RETRY", Q_TIMEOUT + 600, 2, 2_000_000)
if Q_RETRY <= Q_TIMEOUT:
    env.refuse("Q_RETRY", f"a whole number above Q_TIMEOUT ({Q_TIMEOUT}): tasks would be taken twice")
# The rest is the engine's (`maintenance/conf.py`).
Q_CLUSTER: dict[str, Any] = {
    "name": "bazaar",
    "workers": env.whole("Q_WORKERS", 3, 3, 256),
    "ALT_CLUSTERS": {},  # or django-q2 stumbles over a Q_CLUSTER_NAME, which the cluster refuses
    "timeout": Q_TIMEOUT,
    "retry": Q_RETRY,
}

# Alerts: who is told of trouble and recovery, where.

SITE_URL = env.text("SITE_URL", "", "the address of the site, such as https://bazaar.example.org", services.site)
ALERT_URLS: list[str] = env.read(
    "ALERT_URLS",
    services.channels,
    [],
    "addresses in the notation of apprise, separated by commas, such as mailtos://user:password@example.org and "
    "ntfys://ntfy.example.org/topic (default none)",
)
ALERT_AFTER = env.number("ALERT_AFTER", 300, 0, 86_400)
CHECKIN_URL = env.text(
    "CHECKIN_URL",
    "",
    "an address with {event}, and with {job}, such as https://hc-ping.com/key/{job}/{event:start,0,fail,log}",
    services.checkin,
)
CHECKIN_HEARTBEAT_URL = env.text(
    "CHECKIN_HEARTBEAT_URL", "", "an address such as https://hc-ping.com/key", checkin_urls.of_heartbeat
)

# Logs. Formatters render an exception as class, SQLSTATE and frames, because its text can quote a person's data.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "console": {"()": "maintenance.core.logs.ConsoleFormatter"},
        "json": {"()": "maintenance.core.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": env.choice("LOG_FORMAT", ("console", "json"))},
    },
    "root": {"handlers": ["stderr"], "level": env.choice("LOG_LEVEL", LEVELS)},
    "loggers": {
        # A statement's parameters are people's data.
        "django.db.backends": {"level": "WARNING"},
        "django": {"handlers": [], "propagate": True},
        # Every task that comes and goes; the runs are logged by ourselves.
        "django-q": {"level": "WARNING"},
        # What they say in detail has keys of objects, and of the store.
        **{library: {"level": "WARNING"} for library in ("boto3", "botocore", "s3transfer", "urllib3")},
        "django.server": {"handlers": ["stderr"], "propagate": False},
    },
}

ENVIRONMENT_VARIABLES = frozenset(env.names)
env.raise_faults()
