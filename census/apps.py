from django.apps import AppConfig


class CensusConfig(AppConfig):
    name = "census"
    verbose_name = "Censo electoral"

    def ready(self) -> None:
        from census import signals  # noqa: F401  connects the receivers
