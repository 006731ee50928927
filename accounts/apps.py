from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Personas"

    def ready(self) -> None:
        from accounts import sessions  # noqa: F401  connects the receivers
