from django.conf import settings
from django.db import models


class Diary(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    readers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    secret = models.TextField()

    def __str__(self):
        return "diary"
