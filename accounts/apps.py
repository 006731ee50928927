from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Personas"
    default = True

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  registers, and connects receivers
        from accounts.login import sessions  # noqa: F401  registers, and connects receivers
        from accounts.logs.masking import mask_log_records

        mask_log_records()


class AdministrationConfig(admin_apps.AdminConfig):
    """Django's administration with our own login."""

    default = False
    default_site = "accounts.login.administration.Administration"

    def ready(self) -> None:
        super().ready()
        from django.contrib.admin import site
        from django_otp.plugins.otp_static.models import StaticDevice
        from django_otp.plugins.otp_totp.models import TOTPDevice

        # Their pages would show every user's secrets.
        site.unregister([TOTPDevice, StaticDevice])
