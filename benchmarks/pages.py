"""The cost of pages, as multiples of a page that does nothing, and how many per second are served.

Two gunicorn workers of four threads serve on SQLite with DEBUG off, while `qcluster` works. Three
leaders have 50, 5,000 and 50,000 referidos. Requests to all pages are timed in turn, so that each
page meets the same machine. For the highest rate, more and more visitors ask for a page at once,
until the slowest twentieth waits for 200 ms. The load is made on the same machine, and takes its
share of it.
"""

import argparse
import http.client
import re
import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.middleware import HEADER
from benchmarks.report import Section, Table, show
from benchmarks.server import COOKIE, Visitor, make, server, start_web
from tests.stack import Stack, wait_until

SIZES = (50, 5_000, 50_000)
ROUNDS = 25
PATIENCE_MS = 200.0
CROWDS = (1, 2, 4, 8, 16, 32)
"""Visitors at once; each asks again as soon as they have their answer."""
CROWD_SECONDS = 1.0
UNDER_LOAD = ("profile", "card", "table, 50 of 5,000", "poll, nothing changed")
WARM_UP = 3
"""Rounds before the timed ones."""


@dataclass(frozen=True)
class Page:
    """A page as one of the leaders requests it."""

    path: str
    session: str
    htmx: bool = False


@dataclass(frozen=True)
class Cost:
    """The cost of one page; times in milliseconds."""

    times: Sequence[float]
    queries: int
    kib: float

    def percentile(self, hundredth: int) -> float:
        return statistics.quantiles(self.times, n=100)[hundredth - 1]


def pages_of(stack: Stack, sessions: Mapping[int, str]) -> dict[str, Page]:
    table = "/referidos/"
    of_5000 = sessions[5_000]
    first = re.search(r'id="referido_(\d+)"', Visitor(stack, of_5000).get(table).text)
    assert first is not None
    now = time.time()  # one referido registered each minute, the last one now
    poll = f"{table}pending/?since="
    return {
        "trivial": Page("/trivial/", of_5000),
        "home": Page("/", of_5000),
        "profile": Page("/perfil/", of_5000),
        "card": Page("/censo/", of_5000, htmx=True),
        **{f"table, 50 of {size:,}": Page(table, sessions[size]) for size in SIZES},
        "… sorted by name": Page(f"{table}?orden=nombre", of_5000),
        "… sorted by mesa": Page(f"{table}?orden=mesa", of_5000),
        "… page 60": Page(f"{table}?pagina=60", of_5000),
        "… found by a name": Page(f"{table}?q=nunez+ana", of_5000),
        "… only failures": Page(f"{table}?estado=errores", of_5000),
        "details of a row": Page(f"/referido/{first[1]}/", of_5000, htmx=True),
        "summary of 5,000": Page(f"{table}resumen/", of_5000),
        "poll, nothing changed": Page(f"{poll}{now}", of_5000, htmx=True),
        "poll, 3 rows changed": Page(f"{poll}{now - 210}", of_5000, htmx=True),
        "poll, 30 rows changed": Page(f"{poll}{now - 1830}", of_5000, htmx=True),
    }


def costs(stack: Stack, pages: Mapping[str, Page], rounds: int) -> dict[str, Cost]:
    visitors = {page.session: Visitor(stack, page.session) for page in pages.values()}
    times: dict[str, list[float]] = {name: [] for name in pages}
    for round_number in range(rounds + WARM_UP):
        for name, page in pages.items():
            began = time.perf_counter()
            visitors[page.session].get(page.path, htmx=page.htmx)
            if round_number >= WARM_UP:
                times[name].append((time.perf_counter() - began) * 1000)
    found = {}
    for name, page in pages.items():
        answer = visitors[page.session].get(page.path, htmx=page.htmx)
        queries = int(answer.headers[HEADER])
        found[name] = Cost(times[name], queries, len(answer.content) / 1024)
    return found


def export(stack: Stack, session: str) -> dict[str, float]:
    """Seconds that a download of all 5,000 rows takes in each format."""
    visitor, taken = Visitor(stack, session), {}
    for form in ("xlsx", "csv"):
        began = time.perf_counter()
        visitor.get(f"/referidos/exportar/?formato={form}")
        taken[form] = time.perf_counter() - began
    return taken


def bulk(stack: Stack, session: str, number: int) -> float:
    """Seconds for a refresh of `number` failed rows, the page with its button included."""
    visitor = Visitor(stack, session)
    began = time.perf_counter()
    response = visitor.post("/bulk-refresh/", {"todos": "1", "estado": "errores"})
    seconds = time.perf_counter() - began
    queued = stack.query("SELECT SUM(queued) AS queued FROM census_bulkrefresh")[0]["queued"]
    assert (response.status_code, queued) == (200, number), (response.status_code, queued)
    return seconds


# --- Many at once -------------------------------------------------------------------------------


def highest_rate(stack: Stack, page: Page) -> tuple[float, int]:
    """Most answers per second with p95 below PATIENCE_MS, and the number of visitors then."""
    best = (0.0, 0)
    for crowd in CROWDS:
        times = crowded(stack, page, crowd)
        if statistics.quantiles(times, n=20)[-1] * 1000 > PATIENCE_MS:
            break
        best = max(best, (len(times) / CROWD_SECONDS, crowd))
    return best


def crowded(stack: Stack, page: Page, visitors: int) -> list[float]:
    """The seconds of each answer, by so many `visitors` during CROWD_SECONDS."""
    address = urlsplit(stack.web_url)
    headers = {"Cookie": f"{COOKIE}={page.session}"} | ({"HX-Request": "true"} if page.htmx else {})
    until = time.perf_counter() + CROWD_SECONDS

    def visit(times: list[float]) -> None:
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        while (began := time.perf_counter()) < until:
            connection.request("GET", page.path, headers=headers)
            response = connection.getresponse()
            response.read()
            assert response.status in (200, 204), response.status
            times.append(time.perf_counter() - began)
        connection.close()

    everybody: list[list[float]] = [[] for _ in range(visitors)]
    threads = [threading.Thread(target=visit, args=[times]) for times in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [seconds for times in everybody for seconds in times]


# --- The report ---------------------------------------------------------------------------------


def section(rounds: int = ROUNDS) -> Section:
    with server(LOOKUP_INTERVAL_SECONDS="1") as stack:
        sessions = {size: make(stack, f"make_leaders(1, {size})")[0] for size in SIZES}
        (failed,) = make(stack, "make_leaders(1, 2000, failed=1000)")
        make(stack, "make_due(1, 300)")
        stack.start_simulator(captcha_latency=4.0)
        start_web(stack)
        stack.start_worker()
        wait_until(lambda: stack.simulator_log()["visits"], "the worker is busy")
        pages = pages_of(stack, sessions)
        found = costs(stack, pages, rounds)
        rates = {name: highest_rate(stack, pages[name]) for name in UNDER_LOAD}
        exported = export(stack, sessions[5_000])
        refreshed = bulk(stack, failed, 1000)
    assert found["poll, 3 rows changed"].kib > 0, "nothing has changed"
    trivial = statistics.median(found["trivial"].times)
    downloads = (
        "A download of 5,000 rows took as long as"
        f" {exported['csv'] * 1000 / trivial:.0f} trivial pages as CSV"
        f" ({exported['csv']:.2f} s), {exported['xlsx'] * 1000 / trivial:.0f} as Excel"
        f" ({exported['xlsx']:.2f} s); a refresh of 1,000 rows, with the page that it is asked"
        f" for on, {refreshed * 1000 / trivial:.0f} ({refreshed:.2f} s)."
    )
    return Section(
        "Pages",
        " ".join((__doc__ or "").split()),
        [
            cost_table(found, trivial),
            Table(
                ["page", "answers per second at p95 below 200 ms", "visitors at once"],
                [[name, rate, crowd] for name, (rate, crowd) in rates.items()],
            ),
            downloads,
        ],
    )


def cost_table(found: Mapping[str, Cost], trivial: float) -> Table:
    """A row for each page; `trivial` is the trivial page's median in milliseconds."""
    return Table(
        ["page", "× trivial", "queries", "KiB", "p50 ms", "p95 ms", "p99 ms"],
        [
            [
                name,
                statistics.median(cost.times) / trivial,
                cost.queries,
                cost.kib,
                *(cost.percentile(at) for at in (50, 95, 99)),
            ]
            for name, cost in found.items()
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    show(section(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
