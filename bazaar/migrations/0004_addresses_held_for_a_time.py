"""A former address has the time in which it was held, so that a row can be told to be of one holder or of another.

For what is there already: it was held until it was written down, from the time of the address before it, or from the
beginning of the account.
"""

import django.utils.timezone
from django.db import migrations, models
from django.db.models import F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce


def tell_times(apps, schema_editor):
    former = apps.get_model("bazaar", "UserFormerEmail").objects.using(schema_editor.connection.alias)
    users = apps.get_model("bazaar", "User").objects.using(schema_editor.connection.alias)
    earlier = former.filter(user=OuterRef("user"), created_at__lt=OuterRef("created_at"))
    former.update(
        held_until=F("created_at"),
        held_from=Coalesce(
            Subquery(earlier.order_by().values("user").annotate(latest=Max("created_at")).values("latest")),
            Subquery(users.filter(pk=OuterRef("user"), created_at__lt=OuterRef("created_at")).values("created_at")),
        ),
    )


class Migration(migrations.Migration):

    dependencies = [
        ("bazaar", "0003_uploads_indexed_until_condemned"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="userformeremail",
            name="former_email_once_per_user",
        ),
        migrations.AddField(
            model_name="userformeremail",
            name="held_from",
            field=models.DateTimeField(blank=True, help_text="Unknown where empty.", null=True),
        ),
        migrations.AddField(
            model_name="userformeremail",
            name="held_until",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.RunPython(tell_times, migrations.RunPython.noop, elidable=True),
    ]
