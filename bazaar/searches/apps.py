from django.apps import AppConfig


class SearchesConfig(AppConfig):
    name = "bazaar.searches"
    verbose_name = "Searches for erasures"
    default_auto_field = "django.db.models.BigAutoField"
