"""The waiting time that the census card shows, compared with the time that it really takes.

People register through the form while others wait before them; each one's page polls `/censo/`
every 5 s, as in a browser. Each estimate that a page showed is compared with the moment at which
the answer was stored. Real processes: gunicorn, `qcluster`, Chromium, the simulator, whose captchas
take a different time each. An estimate counts as right if it is off by at most a fifth of what
remained, or by 5 s: it is rounded to 5 s.
"""

import argparse
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import requests
from bs4 import BeautifulSoup, Tag

from benchmarks.server import HTMX, start_web
from tests.stack import Stack, running_stack, wait_until

POLL_SECONDS = 5.0
RIGHT_SHARE, RIGHT_SECONDS = 0.2, 5.0
UNITS = {"h": 3600, "min": 60, "s": 1}
TYPED = {
    "nombre_completo": "Ana Rojas",
    "phone": "300 123 4567",
    "password1": "una-clave-larga-7",
    "password2": "una-clave-larga-7",
    "data_policy_accepted": "on",
}
IN_WORDS = re.compile(r"(?:más o menos|más o menos en) ((?:\d+ (?:h|min|s) ?)+)")


@dataclass(frozen=True)
class Estimate:
    """The waiting time in one answer of the site."""

    at: float
    """Seconds since the epoch."""
    step: str
    """The step that was marked as the current one."""
    seconds: float | None
    """From the data attribute; None if it has none."""
    in_words: float | None
    """From the sentence, in seconds; None if it names none."""


@dataclass
class Person:
    """Somebody who registered, and all estimates that their page showed."""

    cedula: str
    estimates: list[Estimate] = field(default_factory=list)
    answered_at: float = 0.0

    def remained(self, estimate: Estimate) -> float:
        """Seconds that it really took from the estimate on."""
        return self.answered_at - estimate.at


def read(card: Tag) -> Estimate:
    now = time.time()
    step = card.select_one("[aria-current=step] .steps__label")
    sentence = IN_WORDS.search(" ".join(card.get_text(" ").split()))
    seconds = card.get("data-seconds-left")
    return Estimate(
        now,
        step.get_text(strip=True) if step else "",
        None if seconds is None else float(str(seconds)),
        _seconds(sentence[1]) if sentence else None,
    )


def _seconds(words: str) -> float:
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+) (\w+)", words))


def watch(stack: Stack, cedula: str) -> Person:
    """Register, and follow the card until it stops polling."""
    person = Person(cedula)
    with requests.Session() as browser:
        form = browser.get(f"{stack.web_url}/registro/", timeout=60)
        token = BeautifulSoup(form.text, "html.parser").select_one("[name=csrfmiddlewaretoken]")
        assert token is not None
        typed = {"cedula": cedula, "csrfmiddlewaretoken": str(token["value"])}
        page = browser.post(form.url, TYPED | typed, timeout=60)
        while True:
            card = BeautifulSoup(page.text, "html.parser").select_one("#censo_card")
            assert card is not None, page.text
            if not card.has_attr("hx-get"):
                return person
            person.estimates.append(read(card))
            time.sleep(POLL_SECONDS)
            page = browser.get(f"{stack.web_url}/censo/", headers=HTMX, timeout=60)


@contextmanager
def captchas_between(stack: Stack, least: float, most: float) -> Iterator[None]:
    """Have each captcha take between `least` and `most` seconds."""
    stop = threading.Event()

    def draw() -> None:
        drawn = random.Random(5)
        while not stop.wait(0.2):
            latency = {"captcha_latency": drawn.uniform(least, most)}
            requests.post(f"{stack.simulator_url}/_control", json=latency, timeout=30)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def measure(arguments: argparse.Namespace) -> list[Person]:
    """Have people register; return them with their estimates and the time of their answers."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(
            Path(folder),
            LOOKUP_INTERVAL_SECONDS=str(arguments.interval),
            LOOKUP_CONCURRENCY=str(arguments.concurrency),
            LOOKUP_TIMEOUT_SECONDS="180",
            TWOCAPTCHA_POLLING_SECONDS=str(arguments.polling),
        ) as stack,
    ):
        stack.start_simulator()
        with captchas_between(stack, arguments.least, arguments.most):
            start_web(stack)
            stack.start_worker()
            if arguments.before:
                stack.register(*(f"10200{number:03}31" for number in range(arguments.before)))
                wait_until(
                    lambda: stack.statuses()["ACTIVE"] == arguments.before,
                    "there are answers to measure",
                    seconds=arguments.before * arguments.interval + 300,
                    every=1.0,
                )
            people = _register_all(stack, arguments)
        rows = stack.lookups()
        for person in people:
            person.answered_at = _epoch(rows[person.cedula]["fetched_at"])
    return people


def _register_all(stack: Stack, arguments: argparse.Namespace) -> list[Person]:
    with ThreadPoolExecutor(arguments.count) as browsers:
        begun = []
        for number in range(arguments.count):
            begun.append(browsers.submit(watch, stack, f"10200{number:03}11"))
            time.sleep(arguments.every)
        return [browser.result() for browser in begun]


def _epoch(stored: object) -> float:
    """Seconds since the epoch of a stored datetime, which SQLite returns as a text in UTC."""
    moment = stored if isinstance(stored, datetime) else datetime.fromisoformat(str(stored))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def report(name: str, pairs: Sequence[tuple[float, float]]) -> None:
    """Print a line about pairs (estimated, remained), in seconds."""
    if not pairs:
        print(f"{name:44} none")
        return
    off = [abs(estimated - remained) for estimated, remained in pairs]
    right = sum(
        error <= max(RIGHT_SHARE * remained, RIGHT_SECONDS)
        for error, (_, remained) in zip(off, pairs, strict=True)
    )
    shares = [error / remained for error, (_, remained) in zip(off, pairs, strict=True)]
    print(
        f"{name:44} {len(pairs):5} {right / len(pairs):8.1%} {statistics.median(off):7.1f} s"
        f" {statistics.median(shares):7.1%} {max(off):7.1f} s"
    )


def report_all(people: Sequence[Person]) -> None:
    # 0.01: an answer that was stored between a page's rendering and its reading took no time.
    every = [
        (estimate, max(person.remained(estimate), 0.01), number == 0)
        for person in people
        for number, estimate in enumerate(person.estimates)
    ]
    waits = [person.remained(person.estimates[0]) for person in people if person.estimates]
    print(f"{len(people)} people waited {min(waits):.0f} to {max(waits):.0f} s")
    print(f"{'estimates':44} {'times':>5} {'right':>8} {'median':>9} {'median':>7} {'worst':>9}")
    rows = [
        (one.seconds, remained, one.step, first)
        for one, remained, first in every
        if one.seconds is not None
    ]
    groups = {
        "at the registration": [row for row in rows if row[3]],
        "at every later poll": [row for row in rows if not row[3]],
        "… in the queue": [row for row in rows if row[2].startswith("Esperando")],
        "… while it was looked up": [row for row in rows if not row[2].startswith("Esp")],
        "all": rows,
    }
    for name, group in groups.items():
        report(name, [(estimated, remained) for estimated, remained, _, _ in group])
    words = [(one.in_words, remained) for one, remained, _ in every if one.in_words is not None]
    report("all, as the sentence rounds it", words)
    overdue = [remained for one, remained, _ in every if one.in_words is None]
    if overdue:
        print(
            f"«un poco más» {len(overdue)} times:"
            f" {statistics.median(overdue):.1f} s remained, at the most {max(overdue):.1f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--before", type=int, default=6, help="lookups made before")
    parser.add_argument("--every", type=float, default=0.5, help="between registrations, seconds")
    parser.add_argument("--interval", type=float, default=5.0, help="between visits, seconds")
    parser.add_argument("--least", type=float, default=5.0, help="of a captcha, seconds")
    parser.add_argument("--most", type=float, default=10.0, help="of a captcha, seconds")
    parser.add_argument("--polling", type=float, default=1.0, help="for its token, seconds")
    parser.add_argument("--concurrency", type=int, default=8)
    report_all(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
