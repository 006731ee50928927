"""Where the time of hot paths goes, by pyinstrument.

On SQLite with 10,000 rows of CedulaInfo, a leader among them who has 5,000 referidos. Told are the
three costliest parts of each path, a part being a file of the product, a library, or a third-level
folder of Django; what they have Python's own library do is theirs.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.growth import Database
from benchmarks.report import Section, Table, show
from benchmarks.server import PRODUCTION
from tests.stack import running_stack

ROWS = 10_000
SECONDS = 2.0
PATHS = (
    "claim and all writes of a lookup",
    "sweep",
    "card: place in the line, last person",
    "card: being looked up",
    "poll of the table, nothing changed",
    "poll of the table, 3 rows changed",
    "table",
    "summary",
    "/salud/",
)


def section(seconds: float = SECONDS) -> Section:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(Path(folder), "sqlite", **PRODUCTION) as stack,
    ):
        stack.manage("collectstatic", "--no-input", "--verbosity", "0")
        database = Database(stack, ROWS, 1)
        database.ask("names")
        rows = [
            [
                path,
                *(f"{part} {share:.0%}" for part, share in database.ask("profile", path, seconds)),
            ]
            for path in PATHS
        ]
    return Section(
        "Profiles",
        " ".join((__doc__ or "").split()),
        [Table(["path", "first", "second", "third"], rows)],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    show(section(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
