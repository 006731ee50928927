"""The browser itself: how it looks to the site, and when it is replaced."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.browser import chromium, installed
from scraper.errors import BrowserCrashed, UnknownPage
from scraper.registraduria import RegistraduriaScraper
from scraper.results import Found
from scraper.simulator import Simulator
from tests.scraping import (
    CEDULA,
    PATIENCE,
    OddSite,
    Page,
    chromium_of,
    config_for,
    drivers,
    eventually,
    failure_of,
    processes_using,
    scraper_of,
    the_driver,
    workspace_of,
)

SELF_PORTRAIT = Page(
    """<body><script>
      fetch('/portrait', {method: 'POST', body: JSON.stringify({
        webdriver: navigator.webdriver,
        platform: navigator.platform,
        userAgent: navigator.userAgent,
        languages: navigator.languages,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        brands: JSON.stringify(navigator.userAgentData || ''),
        chrome: Boolean(window.chrome),
        plugins: navigator.plugins.length,
        cookies: document.cookie,
      })}).then(() => { document.body.append('Listo'); });
      document.cookie = 'been=here';
    </script></body>"""
)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha_latency=0.1) as simulator:
        yield simulator


@pytest.fixture
def site() -> Iterator[OddSite]:
    with OddSite() as site:
        site.answers["GET", "/"] = SELF_PORTRAIT
        site.answers["POST", "/portrait"] = Page("")
        yield site


def test_the_browser_looks_like_one_that_people_use(simulator: Simulator, site: OddSite) -> None:
    with scraper_of(config_for(simulator, f"{site.url}/", timeout_seconds=36.0)) as scraper:
        assert isinstance(failure_of(scraper.submit(CEDULA)), UnknownPage)

    portrait = json.loads(site.requests("POST", "/portrait")[0].body)
    assert not portrait["webdriver"]
    assert portrait["platform"].split()[0] in portrait["userAgent"]
    assert portrait["languages"] == ["es-CO", "es"]
    assert portrait["timeZone"] == "America/Bogota"
    assert portrait["chrome"]
    assert portrait["plugins"] > 0
    assert "Headless" not in json.dumps(portrait)
    headers = site.requests("GET")[0].headers
    assert "Headless" not in json.dumps(headers)
    assert headers["User-Agent"] == portrait["userAgent"]
    assert headers["Accept-Language"].startswith("es-CO")
    assert re.search(r'Chrome";v="\d+', headers["sec-ch-ua"])


def test_nothing_passes_from_one_lookup_to_the_next(simulator: Simulator, site: OddSite) -> None:
    with scraper_of(config_for(simulator, f"{site.url}/", timeout_seconds=36.0)) as scraper:
        for _ in range(2):
            failure_of(scraper.submit(CEDULA))

    portraits = [json.loads(asked.body) for asked in site.requests("POST", "/portrait")]
    assert [portrait["cookies"] for portrait in portraits] == ["", ""]


def test_the_browser_is_told_nothing_of_our_secrets(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "nobody may see this")

    with scraper_of(config_for(simulator)) as scraper:
        scraper.scrape_cedula(CEDULA)
        environment = chromium_of(the_driver()).environ()

    assert "SECRET_KEY" not in environment
    assert "censo-al-dia-" in environment["TMPDIR"]


def test_what_playwright_switches_off_stays_off(simulator: Simulator) -> None:
    with scraper_of(config_for(simulator)) as scraper:
        scraper.scrape_cedula(CEDULA)
        command = chromium_of(the_driver()).cmdline()

    # Chromium heeds the last list alone: ours must name everything that Playwright's names.
    prefix = "--disable-features="
    lists = [
        set(argument.removeprefix(prefix).split(","))
        for argument in command
        if argument.startswith(prefix)
    ]
    assert len(lists) == 2
    assert lists[0] < lists[1]


def test_a_browser_is_replaced_when_it_has_served_enough(simulator: Simulator) -> None:
    with scraper_of(config_for(simulator, lookups_per_browser=2)) as scraper:
        first = the_driver()
        scraper.scrape_cedula(CEDULA)
        assert drivers() == [first]
        scraper.scrape_cedula(CEDULA)
        eventually(lambda: first not in drivers())

        assert isinstance(scraper.scrape_cedula(CEDULA), Found)
        assert len(drivers()) == 1


def test_a_browser_that_holds_too_much_memory_is_replaced(simulator: Simulator) -> None:
    with scraper_of(config_for(simulator, memory_limit_mib=1.0)) as scraper:
        first = the_driver()
        scraper.scrape_cedula(CEDULA)
        eventually(lambda: first not in drivers())

        assert isinstance(scraper.scrape_cedula(CEDULA), Found)


def test_an_old_browser_finishes_its_lookups_beside_the_new_one(simulator: Simulator) -> None:
    simulator.set(captcha_latency=600.0)
    patient = config_for(simulator, lookups_per_browser=2, timeout_seconds=200.0)
    with scraper_of(patient) as scraper:
        long = scraper.submit(CEDULA)
        eventually(lambda: simulator.log()["captchas"])  # the stage comes before the order
        first = the_driver()
        simulator.set(captcha_latency=0.1)
        assert isinstance(scraper.scrape_cedula(CEDULA), Found)  # with which it has served enough
        assert isinstance(scraper.scrape_cedula(CEDULA), Found)

        assert not long.done()
        assert len(drivers()) == 2
        simulator.finish_captchas()
        assert isinstance(long.result(PATIENCE), Found)
        eventually(lambda: first not in drivers())


def test_files_of_a_browser_go_with_it(simulator: Simulator) -> None:
    with scraper_of(config_for(simulator, lookups_per_browser=1)) as scraper:
        workspace = workspace_of(the_driver())
        scraper.scrape_cedula(CEDULA)
        eventually(lambda: list(workspace.iterdir()) == [])

        assert processes_using(workspace) == []
        assert isinstance(scraper.scrape_cedula(CEDULA), Found)


def test_a_machine_without_chromium_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(installed, "KNOWN_PATHS", ())
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BrowserCrashed, match="make setup"):
        chromium.executable("", str(tmp_path / "none"))


def test_warming_up_starts_one_browser_however_often_it_is_asked_for(
    simulator: Simulator,
) -> None:
    with RegistraduriaScraper(config_for(simulator)) as scraper:
        for _ in range(5):
            scraper.warm_up()
        scraper.scrape_cedula(CEDULA)

        assert len(drivers()) == 1
