"""Replaces the scraper by one that visits no site, in this project only."""

from django.apps import AppConfig


class WithoutBrowser(AppConfig):
    name = "benchmarks.contenders"
    label = "contenders"

    def ready(self) -> None:
        from benchmarks.contenders.ours_scraper import BrowserlessScraper
        from census.worker import dispatcher

        vars(dispatcher)["RegistraduriaScraper"] = BrowserlessScraper
