from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Personas"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  registers them
        from accounts.privacy import mask_log_records

        mask_log_records()
