"""The web process. Settings that cannot be used end it, as every command, with one sentence each and status 78."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from maintenance.cli.refusals import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bazaar.settings")
try:
    django.setup(set_prefix=False)
except ImproperlyConfigured as error:
    refuse_to_start(sys.argv, *str(error).splitlines())

from maintenance.engine.preflight import faults_of_settings

if faults := faults_of_settings():
    refuse_to_start(sys.argv, *faults)

application = get_wsgi_application()
