"""300 open pages of leaders, each polling every 5 s, while a worker looks people up.

The load comes from Locust (benchmarks/locustfile.py), in its own process on this machine. Two
gunicorn workers, SQLite, one `qcluster`. Prints errors and percentiles, and the lookups' share of
the limit that the interval sets, without the load and under it.
"""

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.server import make, server, start_web
from tests.stack import Stack, wait_until

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
QUIET_SECONDS = 30.0


def load(stack: Stack, sessions: list[str], seconds: int) -> dict[str, dict[str, str]]:
    """Run Locust; return its figures by request."""
    keys = stack.folder / "sessions.json"
    keys.write_text(json.dumps(sessions), encoding="utf-8")
    subprocess.run(
        [
            *(sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE), "--headless"),
            *("--host", stack.web_url, "--users", str(len(sessions)), "--spawn-rate", "30"),
            *("--run-time", f"{seconds}s", "--csv", str(stack.folder / "load"), "--only-summary"),
            *("--exit-code-on-error", "0", "--loglevel", "ERROR"),
        ],
        env={**stack.environment, "SESSIONS": str(keys)},
        check=True,
        capture_output=True,
    )
    with (stack.folder / "load_stats.csv").open(encoding="utf-8") as lines:
        return {row["Name"]: row for row in csv.DictReader(lines)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--interval", type=float, default=5.0, help="between lookups, seconds")
    arguments = parser.parse_args()
    whole = QUIET_SECONDS + arguments.seconds
    with server(LOOKUP_INTERVAL_SECONDS=str(arguments.interval)) as stack:
        sessions = make(stack, f"make_leaders({arguments.pages}, 40)")
        lookups = int(whole / arguments.interval) + 10
        make(stack, f"make_due({arguments.pages}, {lookups})")
        stack.start_simulator(captcha_latency=10.0)
        start_web(stack)
        stack.start_worker()
        wait_until(lambda: stack.simulator_log()["visits"], "the worker is busy")
        report(stack, sessions, arguments.seconds, arguments.interval)


def report(stack: Stack, sessions: list[str], seconds: int, interval: float) -> None:
    began = stack.simulator_log()["visits"][0]["epoch"]
    wait_until(
        lambda: stack.simulator_log()["visits"][-1]["epoch"] > began + QUIET_SECONDS,
        "lookups without load",
        seconds=QUIET_SECONDS * 2,
        every=1.0,
    )
    quiet_end = stack.simulator_log()["visits"][-1]["epoch"]
    figures = load(stack, sessions, seconds)
    load_end = stack.simulator_log()["visits"][-1]["epoch"]
    print(f"{len(sessions)} open pages, two gunicorn workers, one qcluster, SQLite, {seconds} s:")
    for name, row in figures.items():
        print(
            f"  {name:24} {row['Request Count']:>6} requests {row['Failure Count']:>3} failures"
            f"  p50 {row['50%']:>4} ms  p95 {row['95%']:>4} ms  p99 {row['99%']:>4} ms"
        )
    for circumstance, begin, end in (
        ("without load", began, quiet_end),
        ("under load", quiet_end, load_end),
    ):
        share = share_of_the_limit(stack, interval, begin, end)
        print(f"  lookups, share of the limit {circumstance:12} {share:.3f}")


def share_of_the_limit(stack: Stack, interval: float, begin: float, end: float) -> float:
    """Visits between two moments, as a share of those that the interval allows."""
    within = [v for v in stack.simulator_log()["visits"] if begin <= v["epoch"] <= end]
    return (len(within) - 1) * interval / (end - begin)


if __name__ == "__main__":
    main()
