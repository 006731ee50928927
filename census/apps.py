from django.apps import AppConfig


class CensusConfig(AppConfig):
    name = "census"
    verbose_name = "Censo electoral"

    def ready(self) -> None:
        from census import checks, signals  # noqa: F401  registers, and connects receivers
        from census.lookups import sweep  # noqa: F401  registers, and connects receivers
