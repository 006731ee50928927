from django.apps import AppConfig


class CensusConfig(AppConfig):
    name = "census"
    verbose_name = "Censo electoral"

    def ready(self) -> None:
        from census import checks, signals, sweep  # noqa: F401  registers, and connects receivers
