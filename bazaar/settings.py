"""Settings. Everything comes from the environment; `.env.example` lists every variable."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from bazaar.bootstrap import env_file

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / "data"

ENVIRONMENT = environ.Env()
env = ENVIRONMENT
if (_env_file := env_file()) is not None and _env_file.exists():
    env.read_env(str(_env_file))


def _number(name: str, default: float) -> float:
    """Read a number; one that cannot be read is told by the variable's name."""
    value = env.str(name, default=str(default))
    try:
        return float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}, which is not a number (default {default:g}).") from None


# Security

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set: put one into the environment or .env, or run `manage.py quickstart` to try things out."
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_PROXY = env.bool("SECURE_PROXY", default=False)
# Whoever sends it as `Authorization: Bearer ...` may read /metrics; without it there are none.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

if SECURE_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = SECURE_PROXY
# Probes and Prometheus come from inside, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_PROXY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_PROXY
SECURE_HSTS_PRELOAD = SECURE_PROXY
SESSION_COOKIE_SECURE = SECURE_PROXY
CSRF_COOKIE_SECURE = SECURE_PROXY
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}


# Application

INSTALLED_APPS = [
    "maintenance",  # before the admin, so that its templates win
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_q",
    "bazaar",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "bazaar.urls"
WSGI_APPLICATION = "bazaar.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_USER_MODEL = "bazaar.User"
AUTHENTICATION_BACKENDS = ["bazaar.throttle.ThrottledBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
SESSION_ENGINE = "bazaar.sessions"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cron is UTC: croniter, which computes the next run, reads local time.
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en-gb"


# Data: database, cache, files, mail


def _database() -> dict[str, object]:
    config: dict[str, object] = env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'bazaar.sqlite3'}")
    options = dict(config.get("OPTIONS") or {})  # type: ignore[call-overload]
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # Two writers lock each other out unless a transaction takes the write lock when it begins.
        Path(str(config["NAME"])).parent.mkdir(parents=True, exist_ok=True)
        options |= {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL;"}
    else:
        # A server that does not answer any more is noticed, also while nothing is sent (seconds; milliseconds).
        quick = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "tcp_user_timeout": 60_000}
        options = quick | options
        config["CONN_HEALTH_CHECKS"] = True
        # A server that does not answer is told as such, and soon.
        options.setdefault("connect_timeout", 5)
        config.setdefault("CONN_MAX_AGE", 60)
    return config | {"OPTIONS": options}


def _uploads_storage(url: str) -> dict[str, object]:
    """`STORAGE_URL` is a storage class and its options: `package.module.Class?option=value&option=value`."""
    backend, _, query = url.partition("?")
    return {"BACKEND": backend, "OPTIONS": dict(parse_qsl(query))}


DATABASES = {"default": _database()}
CACHES = {"default": env.cache_url("CACHE_URL", default=f"filecache://{DATA_DIR / 'cache'}")}
UPLOADS_PATH = env.path("UPLOADS_PATH", default=DATA_DIR / "uploads")
STORAGE_URL = env.str("STORAGE_URL", default="")
STORAGES = {
    "default": (
        _uploads_storage(STORAGE_URL)
        if STORAGE_URL
        else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(UPLOADS_PATH)}}
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="bazaar@localhost")


# Maintenance. Durations are seconds; the age limits of the jobs stand in the jobs (`maintenance/jobs/`).

MAINTENANCE_JOBS = "maintenance.jobs"
MAINTENANCE_BATCH_SECONDS = _number("MAINTENANCE_BATCH_SECONDS", 0.1)
MAINTENANCE_BATCH_PAUSE = _number("MAINTENANCE_BATCH_PAUSE", 0.5)
MAINTENANCE_TIME_BUDGET = _number("MAINTENANCE_TIME_BUDGET", 3600.0)
MAINTENANCE_LEASE_SECONDS = _number("MAINTENANCE_LEASE_SECONDS", 60.0)
DELETION_GRACE_DAYS = int(_number("DELETION_GRACE_DAYS", 30))

Q_TIMEOUT = int(_number("Q_TIMEOUT", MAINTENANCE_TIME_BUDGET + 600))
Q_CLUSTER: dict[str, Any] = {
    "name": "bazaar",
    "orm": "default",
    "workers": int(_number("Q_WORKERS", 3)),
    "timeout": Q_TIMEOUT,
    "retry": int(_number("Q_RETRY", Q_TIMEOUT + 600)),
    # At most once: a task leaves the queue before its job starts, and is never offered again. Recovery is ours.
    "ack_failures": True,
    "max_attempts": 1,
    "queue_limit": 1,
    "bulk": 1,
    "catch_up": False,
    # The cluster command calls the scheduler itself, more often, and keeps unreadable rows out of its way.
    "scheduler": False,
    # Workers are not exchanged for new ones, so that one which vanishes has died.
    "recycle": 10**9,
    "save_limit": 250,
}


# Logs. Formatters render an exception as class, SQLSTATE and frames, because its text can quote a person's data.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "console": {"()": "maintenance.logs.ConsoleFormatter"},
        "json": {"()": "maintenance.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": env.str("LOG_FORMAT", default="console")},
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO").upper()},
    "loggers": {
        # A statement's parameters are people's data.
        "django.db.backends": {"level": "WARNING"},
        "django": {"handlers": [], "propagate": True},
        # Every task that comes and goes; the runs are logged by ourselves.
        "django-q": {"level": "WARNING"},
        "django.server": {"handlers": ["stderr"], "propagate": False},
    },
}
