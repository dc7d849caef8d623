from django.db import models


class Cart(models.Model):
    """What somebody has put into a cart and not bought."""

    changed_at = models.DateTimeField(db_index=True)
