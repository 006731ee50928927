from django.apps import AppConfig


class ScraperAppConfig(AppConfig):
    name = "scraper"
    verbose_name = "Consulta del censo"

    def ready(self) -> None:
        from scraper import checks  # noqa: F401  registers
