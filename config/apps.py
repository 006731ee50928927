from django.apps import AppConfig, apps


class ServerConfig(AppConfig):
    """What is put right once all apps are there; it stands last in INSTALLED_APPS."""

    name = "config"

    def ready(self) -> None:
        from django.contrib import admin

        from config import checks  # noqa: F401  registers

        # A schedule names any function of Python's, and a worker calls it: whoever had a
        # superadmin's password would have the server too. Nothing of ours uses one.
        admin.site.unregister(apps.get_model("django_q", "Schedule"))
