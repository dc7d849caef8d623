"""Nobody can register the address of an anonymised user; a deletion request can end as one that cannot be proven."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("bazaar", "0004_addresses_held_for_a_time"),
    ]

    operations = [
        migrations.AlterField(
            model_name="userformeremail",
            name="held_until",
            field=models.DateTimeField(db_index=True, default=django.utils.timezone.now),
        ),
        migrations.AlterField(
            model_name="deletionrequest",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("completed", "Completed"),
                    ("cancelled", "Cancelled"),
                    ("unproven", "Cannot be proven"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("email__endswith", "@deleted.invalid"), _negated=True),
                    ("anonymized_at__isnull", False),
                    _connector="OR",
                ),
                name="user_email_is_no_placeholder",
                violation_error_message="Addresses that end in @deleted.invalid are reserved.",
            ),
        ),
    ]
