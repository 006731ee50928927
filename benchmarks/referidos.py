"""What a leader's pages cost with 5,000 referidos, as multiples of a page that does nothing.

And a refresh of 1,000 at once, answered while a worker looks others up on the same SQLite file.
"""

import argparse
import re
import time

from benchmarks.server import Visitor, make, median_seconds, server, start_web
from tests.stack import Stack, wait_until

PAGES = {
    "trivial": ("/trivial/", False),
    "profile": ("/perfil/", False),
    "home": ("/", False),
    "referidos": ("/referidos/", False),
    "… sorted by name": ("/referidos/?orden=nombre", False),
    "… sorted by mesa": ("/referidos/?orden=mesa", False),
    "… page 60": ("/referidos/?pagina=60", False),
    "… found by a name": ("/referidos/?q=nunez+ana", False),
    "… only failures": ("/referidos/?estado=errores", False),
    "details of a row": ("/referido/{referido}/", True),
    "poll, nothing changed": ("/referidos/pending/?since={now}", True),
    "poll, 3 rows changed": ("/referidos/pending/?since={three_minutes_ago}", True),
    "poll, 30 rows changed": ("/referidos/pending/?since={half_an_hour_ago}", True),
}


def pages(stack: Stack, session: str, rounds: int) -> None:
    visitor = Visitor(stack, session)
    first = re.search(r'id="referido_(\d+)"', visitor.get("/referidos/").text)
    assert first is not None
    now = time.time()  # one referido came each minute
    fill = {
        "referido": first[1],
        "now": str(now),
        "three_minutes_ago": str(now - 210),
        "half_an_hour_ago": str(now - 1830),
    }
    addresses = {name: (path.format(**fill), htmx) for name, (path, htmx) in PAGES.items()}
    times = median_seconds(visitor, addresses, rounds)
    print(f"{'page':24} {'× trivial':>9} {'× profile':>9} {'ms':>7} {'KiB':>7}")
    for name, (path, htmx) in addresses.items():
        size = len(visitor.get(path, htmx=htmx).content) / 1024
        print(
            f"{name:24} {times[name] / times['trivial']:9.2f} {times[name] / times['profile']:9.2f}"
            f" {times[name] * 1000:7.2f} {size:7.1f}"
        )


def bulk(stack: Stack, session: str, number: int) -> None:
    """A refresh of `number` failed rows, sent while a worker looks others up."""
    stack.start_simulator(captcha_latency=0.5)
    make(stack, "make_due(1, 20)")
    stack.start_worker()
    wait_until(lambda: stack.simulator_log()["visits"], "the worker is busy")
    visitor = Visitor(stack, session)
    began = time.perf_counter()
    response = visitor.post("/bulk-refresh/", {"todos": "1", "estado": "errores"})
    seconds = time.perf_counter() - began
    queued = stack.query("SELECT SUM(queued) AS queued FROM census_bulkrefresh")[0]["queued"]
    assert (response.status_code, queued) == (200, number), (response.status_code, queued)
    print(f"bulk of {queued}, page with its form and answer while a worker runs: {seconds:.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referidos", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    with server(LOOKUP_INTERVAL_SECONDS="0.2") as stack:
        (session,) = make(stack, f"make_leaders(1, {arguments.referidos})")
        (other,) = make(stack, "make_leaders(1, 2000, failed=1000)")
        start_web(stack)
        print(f"A leader with {arguments.referidos} referidos, two gunicorn workers, SQLite:")
        pages(stack, session, arguments.rounds)
        bulk(stack, other, 1000)


if __name__ == "__main__":
    main()
