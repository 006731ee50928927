from django.apps import AppConfig, apps


class ServerConfig(AppConfig):
    """Last in INSTALLED_APPS: changes to other apps, once all are loaded."""

    name = "config"

    def ready(self) -> None:
        from django.contrib import admin

        from config import checks  # noqa: F401  registers them

        # A schedule names any Python function, and a worker calls it: whoever has a superadmin's
        # password would have the server too. We use no schedules.
        admin.site.unregister(apps.get_model("django_q", "Schedule"))
