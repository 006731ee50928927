"""The time of frequent operations while the tables grow from 10,000 rows to a million.

`benchmarks.crowd` fills a database of each size, on SQLite and on PostgreSQL, with the same work to
do and ever more rows around it. The operations of `benchmarks.hot_paths` are timed in turn, size
after size, so that all sizes meet the same machine. Reported is how many times as long each takes
as at the smallest size.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg

from benchmarks import report
from benchmarks.report import Bars, Section, Table
from benchmarks.server import PRODUCTION
from tests.stack import Stack, running_stack

SIZES = (10_000, 100_000, 1_000_000)
ATTEMPTS_PER_ROW = 10
ROUNDS, TIMES = 3, 4
"""Rounds over all operations, and calls of each operation in a round."""
MOST_GROWTH = 2.0
"""The limit: so many times as long as at the smallest size."""
POSTGRESQL = "postgres://postgres@127.0.0.1:5432/postgres"

METHOD = """\
The tables have {sizes} rows of CedulaInfo, and {attempts} times as many of LookupAttempt. The \
work is the same at each size, and spread evenly among all other rows: a leader with 5,000 \
referidos, a queue of 3,000 due rows, 16 lookups in flight, one attempt every 5 s of the past. \
SQLite has no statistics, as the product runs it; PostgreSQL was vacuumed and analysed. Each \
operation is called as the product calls it (pages by Django's client, with all middleware), in a \
transaction that is rolled back, {rounds} times {times} times in turn with the other sizes. Shown \
are medians, as multiples of the same operation at {first} rows."""


class Database:
    """A filled database, and the process that runs the operations in it."""

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
        """Send a request to `hot_paths.serve`; return its answer."""
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
    """The times of each operation on one kind of database."""

    name: str
    seconds: Mapping[str, Mapping[int, float]]
    """{operation: {rows: median}}."""
    seconds_to_fill: Mapping[int, float]

    def ratio(self, operation: str, size: int) -> float:
        by_size = self.seconds[operation]
        return by_size[size] / by_size[min(by_size)]

    def parts(self) -> Iterator[Table | Bars | str]:
        """The report's table, summary and chart."""
        _, *others = sorted(self.seconds_to_fill)
        last = others[-1]
        yield self._table()
        most = max(self.seconds, key=lambda operation: self.ratio(operation, last))
        yield (
            f"Most on {self.name}: {most}, {self.ratio(most, last):.2f} times. The largest"
            f" database was filled in {self.seconds_to_fill[last]:.0f} s."
        )
        yield self._bars()

    def _table(self) -> Table:
        first, *others = sorted(self.seconds_to_fill)
        last = others[-1]
        return Table(
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

    def _bars(self) -> Bars:
        first, *others = sorted(self.seconds_to_fill)
        return Bars(
            f"growth-on-{self.name.lower()}",
            f"times as long as at {first:,} rows",
            {
                f"{size:,} rows": {
                    operation: self.ratio(operation, size) for operation in self.seconds
                }
                for size in others
            },
            limit=MOST_GROWTH,
        )


class Filled:
    """Databases of one kind, one of each size."""

    def __init__(self, name: str, server: str) -> None:
        self.name = name
        self._server = server
        self._until_the_end = ExitStack()
        self._databases: dict[int, Database] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._until_the_end.close()

    def fill(self, sizes: Sequence[int], attempts_per_row: int) -> None:
        """Make the databases; two kinds may be filled at the same time."""
        for size in sizes:
            folder = Path(self._until_the_end.enter_context(tempfile.TemporaryDirectory()))
            stack = self._until_the_end.enter_context(
                running_stack(folder, self._server, **PRODUCTION)
            )
            if not self._databases:
                stack.collect_static()
            self._databases[size] = Database(stack, size, attempts_per_row)

    def measured(self, rounds: int) -> Growth:
        """Time every operation in each database in turn."""
        (operations, *_) = [database.ask("names") for database in self._databases.values()]
        times: dict[str, dict[int, list[float]]] = {
            operation: {size: [] for size in self._databases} for operation in operations
        }
        in_turn = list(self._databases.items())
        for round_number in range(rounds + 1):
            for operation in operations:
                in_turn.reverse()  # the first one meets the other one's caches
                for size, database in in_turn:
                    if round_number == 0:
                        database.ask(operation, 1)  # to warm the caches
                    else:
                        times[operation][size] += database.ask(operation, TIMES)
        return Growth(
            self.name,
            {
                operation: {size: statistics.median(found) for size, found in by_size.items()}
                for operation, by_size in times.items()
            },
            {size: database.seconds_to_fill for size, database in self._databases.items()},
        )


def measure(
    kinds: Mapping[str, str], sizes: Sequence[int], attempts_per_row: int, rounds: int
) -> list[Growth]:
    """The growth on each kind of database. `kinds`: {name: server}."""
    with ExitStack() as until_the_end, ThreadPoolExecutor() as side_by_side:
        filled = [
            until_the_end.enter_context(Filled(name, server)) for name, server in kinds.items()
        ]
        list(side_by_side.map(lambda kind: kind.fill(sizes, attempts_per_row), filled))
        os.sync()  # else gigabytes are still being written during the measurement
        return [kind.measured(rounds) for kind in filled]


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
    kinds = {"SQLite": "sqlite"} | ({"PostgreSQL": server} if answers(server) else {})
    found = measure(kinds, sizes, attempts_per_row, rounds)
    parts = [part for growth in found for part in growth.parts()]
    if "PostgreSQL" not in kinds:
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
