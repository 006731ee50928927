"""The costliest parts of frequent operations, by pyinstrument.

Measured on SQLite with 10,000 rows of CedulaInfo, with a leader among them who has 5,000 referidos.
Shown are the three costliest parts of each operation. A part is a file of the product, a library,
or a third-level folder of Django, with what they call in Python's own library.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.growth import Database
from benchmarks.report import Section, Table, show
from benchmarks.server import PRODUCTION
from tests.stack import running_stack

ROWS = 10_000
SECONDS = 1.0
DONE = {
    "claim and all writes of a lookup": (
        "one conditional UPDATE for each move, at most one for the stages of a round; the rest is"
        " left, because it happens once per interval"
    ),
    "sweep": "reads first, so that there is a write only where something was lost; every 5 s",
    "card: position in the queue, last person": (
        "the queue is counted in its index, which holds whose row it is; 10 answers and 6 visits"
        " give the pace; SQLite keeps the pages it has read"
    ),
    "card: being looked up": "only the attempt's own line and the last 10 answers are read",
    "poll of the table, nothing changed": (
        "one index finds what changed, and no template is rendered: what is left is the session,"
        " the person and Django's middleware"
    ),
    "poll of the table, 3 rows changed": "only these rows are read, by the table's one query",
    "table": (
        "plain tuples in place of models, dates written by hand, where Django's filters took a"
        " tenth; counts by an index"
    ),
    "summary": "grouped by the database; an index says who may see a row, without their row",
    "/salud/": "one query for the queue where there were two; its index says whose rows they are",
}
"""{path: what was done about its cost}."""


def section(seconds: float = SECONDS) -> Section:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(Path(folder), "sqlite", **PRODUCTION) as stack,
    ):
        stack.collect_static()
        database = Database(stack, ROWS, 1)
        database.ask("names")
        rows = [
            [
                path,
                *(f"{part} {share:.0%}" for part, share in database.ask("profile", path, seconds)),
                done,
            ]
            for path, done in DONE.items()
        ]
    return Section(
        "Profiles",
        " ".join((__doc__ or "").split()),
        [Table(["path", "first", "second", "third", "what was done"], rows)],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    show(section(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
