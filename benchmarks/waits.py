"""Whether the time left that the census card tells is what really remains.

People register through the form while others wait before them; each one's page asks `/censo/`
every 5 s, as it does in a browser. Whatever a page told is compared with the moment at which the
answer was stored. Real processes: gunicorn, `qcluster`, Chromium, the simulator, whose captchas
take a different time each. What is told is right where it is off by a fifth of what remained at
the most, or by 5 s: it is rounded to five.
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
class Told:
    """What one answer of the site said."""

    at: float
    """Seconds since the epoch."""
    doing: str
    """The step that was marked as the present one."""
    seconds: float | None
    """From the attribute for machines; None: it did not say."""
    in_words: float | None
    """What the sentence says, in seconds."""


@dataclass
class Person:
    """Somebody who registered, and all that their page told."""

    cedula: str
    told: list[Told] = field(default_factory=list)
    answered_at: float = 0.0

    def remained(self, told: Told) -> float:
        return self.answered_at - told.at


def read(card: Tag) -> Told:
    now = time.time()
    step = card.select_one("[aria-current=step] .steps__label")
    sentence = IN_WORDS.search(" ".join(card.get_text(" ").split()))
    seconds = card.get("data-seconds-left")
    return Told(
        now,
        step.get_text(strip=True) if step else "",
        None if seconds is None else float(str(seconds)),
        _seconds(sentence[1]) if sentence else None,
    )


def _seconds(words: str) -> float:
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+) (\w+)", words))


def watch(stack: Stack, cedula: str) -> Person:
    """Register, and follow the card until it asks no more."""
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
            person.told.append(read(card))
            time.sleep(POLL_SECONDS)
            page = browser.get(f"{stack.web_url}/censo/", headers=HTMX, timeout=60)


@contextmanager
def captchas_between(stack: Stack, least: float, most: float) -> Iterator[None]:
    """Each captcha takes a time of its own."""
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
    """Everybody who registered, with what they were told and when their answer came."""
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
            people = _rally(stack, arguments)
        rows = stack.lookups()
        for person in people:
            person.answered_at = _epoch(rows[person.cedula]["fetched_at"])
    return people


def _rally(stack: Stack, arguments: argparse.Namespace) -> list[Person]:
    with ThreadPoolExecutor(arguments.count) as browsers:
        begun = []
        for number in range(arguments.count):
            begun.append(browsers.submit(watch, stack, f"10200{number:03}11"))
            time.sleep(arguments.every)
        return [browser.result() for browser in begun]


def _epoch(stored: object) -> float:
    """SQLite stores a text, in UTC."""
    moment = stored if isinstance(stored, datetime) else datetime.fromisoformat(str(stored))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def report(name: str, pairs: Sequence[tuple[float, float]]) -> None:
    """One line about pairs of what was told and what remained."""
    if not pairs:
        print(f"{name:44} none")
        return
    off = [abs(told - remained) for told, remained in pairs]
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
    # An answer that came between the moment the page was made and read remained for no time.
    every = [
        (told, max(person.remained(told), 0.01), number == 0)
        for person in people
        for number, told in enumerate(person.told)
    ]
    waits = [person.remained(person.told[0]) for person in people if person.told]
    print(f"{len(people)} people waited {min(waits):.0f} to {max(waits):.0f} s")
    print(
        f"{'what was told':44} {'times':>5} {'right':>8} {'median':>9} {'median':>7} {'worst':>9}"
    )
    said = [(told, remained, first) for told, remained, first in every if told.seconds is not None]
    groups = {
        "at the registration": [row for row in said if row[2]],
        "at every later poll": [row for row in said if not row[2]],
        "… in the queue": [row for row in said if row[0].doing.startswith("Esperando")],
        "… while it was looked up": [row for row in said if not row[0].doing.startswith("Esp")],
        "all": said,
    }
    for name, rows in groups.items():
        report(
            name,
            [(told.seconds, remained) for told, remained, _ in rows if told.seconds is not None],
        )
    words = [(told.in_words, remained) for told, remained, _ in every if told.in_words is not None]
    report("all, as the sentence rounds it", words)
    overdue = [remained for told, remained, _ in every if told.in_words is None]
    if overdue:
        print(
            f"«un poco más» {len(overdue)} times:"
            f" {statistics.median(overdue):.1f} s remained, at the most {max(overdue):.1f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--before", type=int, default=6, help="lookups that were made before")
    parser.add_argument("--every", type=float, default=0.5, help="between registrations, seconds")
    parser.add_argument("--interval", type=float, default=5.0, help="between visits, seconds")
    parser.add_argument("--least", type=float, default=5.0, help="of a captcha, seconds")
    parser.add_argument("--most", type=float, default=10.0, help="of a captcha, seconds")
    parser.add_argument("--polling", type=float, default=1.0, help="for its token, seconds")
    parser.add_argument("--concurrency", type=int, default=8)
    report_all(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
