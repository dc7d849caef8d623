import os

from tests.scratch import scratch_folder

os.environ["ENV_FILE"] = ""
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0" * 50)
# Workers of pytest-xdist inherit the environment, and one must not clear the cache of another.
os.environ["CACHE_URL"] = f"filecache://{scratch_folder('cache') / os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
os.environ.setdefault("UPLOADS_PATH", str(scratch_folder("uploads")))
# Between batches the tests have nobody to be kind to.
os.environ.setdefault("MAINTENANCE_BATCH_PAUSE", "0")

from bazaar.settings import *  # noqa: F403

# A function that is none of ours.
MAINTENANCE_QUEUE_FUNCTIONS = ["builtins.len"]

INSTALLED_APPS += ["tests.engine_app"]  # noqa: F405
STATIC_ROOT = scratch_folder("static")  # whitenoise warns where there is none
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
