"""Whether what is done all the time stays as quick while the tables grow: 10,000 to a million rows.

A database of each size, on SQLite and on PostgreSQL, filled by `benchmarks.crowd` with the same
work to do and ever more rows around it. The operations of `benchmarks.hot_paths` are timed in turn,
size after size, so that all sizes meet the same machine; what is told is how many times as long
each takes as at the smallest size.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import report
from benchmarks.report import Plot, Section, Table
from benchmarks.server import PRODUCTION
from tests.stack import Stack, running_stack

SIZES = (10_000, 100_000, 1_000_000)
ATTEMPTS_PER_ROW = 1
ROUNDS, TIMES = 3, 5
"""How often each operation is timed, and how often each time."""
POSTGRESQL = "postgres://postgres@127.0.0.1:5432/postgres"

METHOD = """\
Tables of {sizes} rows of CedulaInfo, and {attempts} times as many of LookupAttempt. The work is \
the same at each size: a leader with 5,000 referidos, a line of 3,000 that are due, 16 lookups in \
flight, an attempt every 5 s of the past; it lies evenly among all other rows. SQLite without \
statistics, as the product runs it; PostgreSQL vacuumed and analysed. Each operation goes by its \
own door (pages by Django's client, with all middleware) in a transaction that is undone, {rounds} \
times {times} times in turn with the other sizes; told are medians, as multiples of the same \
operation at {first} rows."""


class Database:
    """A filled database, and the process that works in it."""

    def __init__(self, stack: Stack, rows: int, attempts_per_row: int) -> None:
        self._log = stack.folder / "hot_paths.log"
        with self._log.open("wb") as log:
            code = "from benchmarks import hot_paths; hot_paths.serve()"
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "shell", "-v0", "-c", code],
                env=stack.environment,
                cwd=stack.code,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        stack.processes.append(self._process)
        self.seconds_to_fill: float = self.ask("fill", rows, attempts_per_row)["seconds"]

    def ask(self, *request: str | float) -> Any:
        """What `hot_paths.serve` answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(self._log.read_text(encoding="utf-8"))
        return json.loads(answer)


@dataclass(frozen=True)
class Growth:
    """How long each operation took on one kind of database."""

    name: str
    seconds: Mapping[str, Mapping[int, float]]
    """Medians, by operation and size."""
    seconds_to_fill: Mapping[int, float]

    def ratio(self, operation: str, size: int) -> float:
        by_size = self.seconds[operation]
        return by_size[size] / by_size[min(by_size)]

    def parts(self) -> Iterator[Table | Plot | str]:
        """As the report shows them."""
        first, *others = sorted(self.seconds_to_fill)
        last = others[-1]
        yield Table(
            [
                f"{self.name}: operation",
                *(f"× at {size:,} rows" for size in others),
                *(f"ms at {size:,}" for size in (first, last)),
            ],
            [
                [
                    operation,
                    *(self.ratio(operation, size) for size in others),
                    *(by_size[size] * 1000 for size in (first, last)),
                ]
                for operation, by_size in self.seconds.items()
            ],
        )
        most = max(self.seconds, key=lambda operation: self.ratio(operation, last))
        yield (
            f"Most on {self.name}: {most}, {self.ratio(most, last):.2f} times. The largest"
            f" database was filled in {self.seconds_to_fill[last]:.0f} s."
        )
        yield Plot(
            f"growth-on-{self.name.lower()}",
            "rows of CedulaInfo",
            f"times as long as at {first:,} rows",
            {
                operation: [(size, self.ratio(operation, size)) for size in by_size]
                for operation, by_size in self.seconds.items()
            },
            log_x=True,
            log_y=True,
        )


def measure(
    name: str, server: str, sizes: Sequence[int], attempts_per_row: int, rounds: int = ROUNDS
) -> Growth:
    """Fill a database of each size on `server`, and time everything there in turn."""
    with ExitStack() as until_the_end:
        databases: dict[int, Database] = {}
        for size in sizes:
            folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory()))
            stack = until_the_end.enter_context(running_stack(folder, server, **PRODUCTION))
            if not databases:
                stack.collect_static()
            databases[size] = Database(stack, size, attempts_per_row)
        (operations, *_) = [database.ask("names") for database in databases.values()]
        times: dict[str, dict[int, list[float]]] = {
            operation: {size: [] for size in sizes} for operation in operations
        }
        for round_number in range(rounds + 1):
            for operation in operations:
                for size, database in databases.items():
                    found = database.ask(operation, TIMES)
                    if round_number > 0:  # the first one warms the caches
                        times[operation][size] += found
        return Growth(
            name,
            {
                operation: {size: statistics.median(found) for size, found in by_size.items()}
                for operation, by_size in times.items()
            },
            {size: database.seconds_to_fill for size, database in databases.items()},
        )


def answers(server: str) -> bool:
    try:
        psycopg.connect(server, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def section(
    sizes: Sequence[int] = SIZES, attempts_per_row: int = ATTEMPTS_PER_ROW, rounds: int = ROUNDS
) -> Section:
    server = os.environ.get("TEST_DATABASE_URL", "")
    server = server if server.startswith("postgres") else POSTGRESQL
    parts = [*measure("SQLite", "sqlite", sizes, attempts_per_row, rounds).parts()]
    if answers(server):
        parts += measure("PostgreSQL", server, sizes, attempts_per_row, rounds).parts()
    else:
        parts.append("No PostgreSQL answered where this was run.")
    method = METHOD.format(
        sizes=" / ".join(f"{size:,}" for size in sizes),
        attempts=attempts_per_row,
        rounds=rounds,
        times=TIMES,
        first=f"{min(sizes):,}",
    )
    return Section("Growth", method, parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="rows; multiples of 5,000 from 10,000"
    )
    parser.add_argument("--attempts-per-row", type=int, default=ATTEMPTS_PER_ROW)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    report.show(section(sorted(arguments.sizes), arguments.attempts_per_row, arguments.rounds))


if __name__ == "__main__":
    main()
