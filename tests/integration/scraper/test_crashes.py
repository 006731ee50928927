"""Processes that die or hang under a lookup are replaced, and nothing is left of them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from scraper.browser.processes import ProcessTree
from scraper.config import ScraperConfig
from scraper.errors import BrowserCrashed, BrowserUnavailable, LookupCancelled
from scraper.registraduria import RegistraduriaScraper
from scraper.results import Found
from scraper.simulator import Simulator
from scraper.turn import LookupFuture, Stage, Turn
from tests.paths import ROOT
from tests.scraping import (
    CEDULA,
    PATIENCE,
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


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha_latency=1.0) as simulator:
        yield simulator


def kill_chromium() -> None:
    chromium_of(the_driver()).kill()


def kill_driver() -> None:
    the_driver().kill()


def stop_chromium() -> None:
    """Hung, as a machine without memory leaves it."""
    driver = the_driver()
    for process in driver.children(recursive=True):
        process.suspend()


def stop_driver() -> None:
    the_driver().suspend()


def until(future: LookupFuture, stage: Stage) -> None:
    eventually(lambda: future.stage is stage or future.done())
    assert future.stage is stage


@pytest.mark.parametrize("kill", [kill_chromium, kill_driver])
def test_a_crash_before_the_visit_goes_unnoticed(
    simulator: Simulator, kill: Callable[[], None]
) -> None:
    with scraper_of(config_for(simulator)) as scraper:
        scraper.scrape_cedula(CEDULA)
        opens_at = time.monotonic() + 5  # the kill takes a few milliseconds
        future = scraper.submit(CEDULA, Turn(opens_at, opens_at + PATIENCE))
        eventually(lambda: len(the_driver().children(recursive=True)) > 0)
        kill()

        assert isinstance(future.result(PATIENCE), Found)

    assert future.visited_at is not None
    assert len(simulator.log()["visits"]) == 2


@pytest.mark.parametrize("kill", [kill_chromium, kill_driver])
def test_a_crash_after_the_visit_ends_the_lookup_and_its_token_serves_the_next(
    simulator: Simulator, kill: Callable[[], None]
) -> None:
    simulator.set(captcha_latency=600.0)
    with scraper_of(config_for(simulator)) as scraper:
        crashed = scraper.submit(CEDULA)
        until(crashed, Stage.SOLVING)
        eventually(lambda: crashed.solves_paid == 1)
        kill()

        assert isinstance(failure_of(crashed), BrowserCrashed)

        simulator.finish_captchas()
        following = scraper.submit(CEDULA)
        assert isinstance(following.result(PATIENCE), Found)

    assert following.solves_paid == 0
    (bought,) = simulator.log()["captchas"]
    assert bought["reported"] == "good"


def test_the_token_of_a_lookup_that_was_called_off_serves_the_next(simulator: Simulator) -> None:
    simulator.set(captcha_latency=600.0)
    with scraper_of(config_for(simulator)) as scraper:
        called_off = scraper.submit(CEDULA)
        until(called_off, Stage.SOLVING)
        eventually(lambda: called_off.solves_paid == 1)
        scraper.cancel(called_off)
        assert isinstance(failure_of(called_off), LookupCancelled)

        simulator.set(captcha_latency=0.0)
        simulator.finish_captchas()
        futures = [scraper.submit(CEDULA) for _ in range(2)]
        assert all(isinstance(future.result(PATIENCE), Found) for future in futures)

    assert sorted(future.solves_paid for future in futures) == [0, 1]
    assert len(simulator.log()["captchas"]) == 2


@pytest.mark.parametrize("stop", [stop_chromium, stop_driver])
def test_a_browser_that_hangs_is_killed_and_replaced(
    simulator: Simulator, stop: Callable[[], None]
) -> None:
    simulator.set(captcha_latency=4.0)
    with scraper_of(config_for(simulator, timeout_seconds=24.0)) as scraper:
        hung = scraper.submit(CEDULA)
        until(hung, Stage.SOLVING)
        first = chromium_of(the_driver())
        stop()

        assert isinstance(failure_of(hung), BrowserCrashed)
        assert isinstance(scraper.scrape_cedula(CEDULA), Found)
        eventually(lambda: not first.is_running())


def test_a_page_that_crashes_takes_its_lookup_along_and_no_other(simulator: Simulator) -> None:
    simulator.set(captcha_latency=4.0)
    with scraper_of(config_for(simulator)) as scraper:
        crashed = scraper.submit(CEDULA)
        until(crashed, Stage.SOLVING)
        driver = the_driver()
        for process in driver.children(recursive=True):
            if "--type=renderer" in process.cmdline():
                process.kill()

        assert isinstance(failure_of(crashed), BrowserCrashed)
        assert isinstance(scraper.submit(CEDULA).result(PATIENCE), Found)
        assert the_driver() == driver


def test_a_browser_that_was_killed_while_idle_is_replaced(simulator: Simulator) -> None:
    with scraper_of(config_for(simulator)) as scraper:
        scraper.scrape_cedula(CEDULA)
        kill_chromium()

        assert isinstance(scraper.scrape_cedula(CEDULA), Found)
        assert len(drivers()) == 1


def test_closing_calls_everything_off_and_leaves_nothing(simulator: Simulator) -> None:
    simulator.set(captcha_latency=300.0)
    with scraper_of(config_for(simulator)) as scraper:
        flying = scraper.submit(CEDULA)
        far = time.monotonic() + 300
        waiting = scraper.submit(CEDULA, Turn(far, far + 1))
        until(flying, Stage.SOLVING)
        began = time.monotonic()
        scraper.close()

        assert time.monotonic() - began < PATIENCE
        assert isinstance(failure_of(flying), LookupCancelled)
        assert isinstance(failure_of(waiting), LookupCancelled)
        assert isinstance(failure_of(scraper.submit(CEDULA)), LookupCancelled)
        scraper.close()


def test_closing_kills_what_hangs(simulator: Simulator) -> None:
    simulator.set(captcha_latency=600.0)
    with scraper_of(config_for(simulator)) as scraper:
        hung = scraper.submit(CEDULA)
        until(hung, Stage.SOLVING)
        stop_chromium()
        scraper.close(timeout=2.0)

        assert hung.done()


def test_closing_at_once_leaves_nothing_either(simulator: Simulator) -> None:
    for pause in (0.0, 0.2, 0.6):
        scraper = RegistraduriaScraper(config_for(simulator))
        future = scraper.submit(CEDULA)
        time.sleep(pause)  # into different parts of the start
        scraper.close()

        assert isinstance(failure_of(future), LookupCancelled)
        assert drivers() == []


def test_a_scraper_that_was_never_used_starts_nothing(simulator: Simulator) -> None:
    threads = threading.active_count()
    with RegistraduriaScraper(config_for(simulator)):
        assert threading.active_count() == threads
    assert drivers() == []


OWNER = """
import sys, time
from scraper.config import ScraperConfig
from scraper.browser.processes import ProcessTree
from scraper.registraduria import RegistraduriaScraper
scraper = RegistraduriaScraper(ScraperConfig(url=sys.argv[1], interval_seconds=0.2))
scraper.submit("1020304011").exception()
print("ready", flush=True)
time.sleep(600)
"""


@dataclass
class Owner:
    """Another process with a scraper whose browser runs."""

    process: subprocess.Popen[str]
    driver: psutil.Process
    workspace: Path

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def owner(simulator: Simulator) -> Iterator[Owner]:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, simulator.page_url("A")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        (driver,) = drivers(process.pid)
        yield Owner(process, driver, workspace_of(driver))
        process.kill()


def test_no_process_outlives_an_owner_that_is_killed(owner: Owner) -> None:
    assert processes_using(owner.workspace)

    owner.kill()

    eventually(lambda: not owner.driver.is_running() and not processes_using(owner.workspace))


def test_what_a_killed_owner_leaves_on_disk_is_removed_by_the_next(
    owner: Owner, simulator: Simulator
) -> None:
    tree = ProcessTree(owner.driver)
    tree.members()
    owner.process.send_signal(signal.SIGSTOP)
    tree.kill()  # so that neither the driver nor its owner can clean up
    owner.kill()
    assert list(owner.workspace.rglob("Default"))

    with scraper_of(config_for(simulator)):
        assert not owner.workspace.exists()


def test_a_driver_that_hung_when_its_owner_was_killed_is_ended_by_the_next(
    owner: Owner, simulator: Simulator
) -> None:
    browser = chromium_of(owner.driver)
    owner.driver.suspend()
    owner.kill()
    assert browser.is_running()

    with scraper_of(config_for(simulator)):
        eventually(lambda: not owner.driver.is_running() and not browser.is_running())


def test_an_owner_that_ends_without_closing_leaves_nothing(owner: Owner) -> None:
    owner.process.send_signal(signal.SIGINT)
    owner.process.wait(PATIENCE)

    eventually(lambda: not owner.driver.is_running())
    assert not owner.workspace.exists()


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_fork_gets_a_browser_of_its_own(simulator: Simulator) -> None:
    with scraper_of(config_for(simulator)) as scraper:
        assert isinstance(scraper.scrape_cedula(CEDULA), Found)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                found = isinstance(scraper.scrape_cedula(CEDULA), Found)
                scraper.close()
                os.write(write, b"found" if found else b"not found")
            finally:
                os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as answer:
            assert answer.read() == b"found"
        os.waitpid(child, 0)

        assert isinstance(scraper.scrape_cedula(CEDULA), Found)


def test_a_missing_chromium_says_how_to_get_one(simulator: Simulator, tmp_path: Path) -> None:
    missing = ScraperConfig(url=simulator.page_url("A"), chromium_path=str(tmp_path / "nowhere"))

    with RegistraduriaScraper(missing) as scraper:
        failure = failure_of(scraper.submit(CEDULA))

    assert isinstance(failure, BrowserUnavailable)
    assert drivers() == []
