"""Puts the scraper that visits nobody in the place of the real one, for this project alone."""

from django.apps import AppConfig


class WithoutBrowser(AppConfig):
    name = "benchmarks.contenders"
    label = "contenders"

    def ready(self) -> None:
        from benchmarks.contenders.ours_scraper import BrowserlessScraper
        from census.worker import dispatcher

        vars(dispatcher)["RegistraduriaScraper"] = BrowserlessScraper
