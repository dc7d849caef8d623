"""Settings of the measured processes: the program's own, on the database that `DATABASE_URL` names."""

import os

os.environ["ENV_FILE"] = ""
os.environ.setdefault("SECRET_KEY", "only-for-benchmarks-" + "0" * 50)
os.environ.setdefault("LOG_LEVEL", "ERROR")

from bazaar.settings import *  # noqa: F403

ALLOWED_HOSTS = ["localhost"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
if os.environ.get("BENCHMARK_SERVER_SIDE_BINDING"):
    DATABASES["default"].setdefault("OPTIONS", {})["server_side_binding"] = True  # noqa: F405
