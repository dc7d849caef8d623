"""What the program consists of: the settings that do not depend on the environment."""

INSTALLED_APPS = [
    "bazaar",  # before the admin, so that its templates win
    "bazaar.redaction",
    "bazaar.searches",
    "bazaar.ledger",
    "bazaar.decisions",
    "bazaar.holds",
    "maintenance",  # before the queue, so that its commands win
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_q",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "bazaar.middleware.RequestLimits",
    "bazaar.error_pages.MethodPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bazaar.middleware.StaffSessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "bazaar.interrupted_posts.InterruptedPosts",
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

TIME_ZONE = "UTC"  # as cron is: croniter, which computes the next run, reads local time
USE_TZ = True
LANGUAGE_CODE = "en-gb"
