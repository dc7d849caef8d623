"""What an operator does about more than one kind of fault."""

from django.utils.translation import gettext_lazy as _

START = _("Start the cluster (`manage.py cluster`); its log says why it ended.")
RESTART = _("Restart the cluster (`manage.py cluster`); its log says what happened.")
