"""Whoever waits for lookups can tell that the event loop they run on is blocked."""

import time

from scraper.config import ScraperConfig
from scraper.registraduria import RegistraduriaScraper
from tests.scraping import eventually


def test_a_loop_that_is_blocked_is_noticed_and_that_it_runs_again() -> None:
    with RegistraduriaScraper(ScraperConfig(url="http://127.0.0.1:9/")) as scraper:
        assert silence(scraper) < 1, "nothing runs yet, and nothing is blocked"
        scraper._session()._call_on_loop(time.sleep, 3)  # noqa: SLF001  no lookup blocks
        eventually(lambda: silence(scraper) > 2)
        eventually(lambda: silence(scraper) < 1)


def silence(scraper: RegistraduriaScraper) -> float:
    """Return the seconds since its loop ran."""
    return time.monotonic() - scraper.ran_at()
