"""`make bench`: run every benchmark in turn, and rewrite docs/benchmarks.md."""

import os
import platform
import time
from datetime import date

from benchmarks import clusters, growth, lookups, pages, peers, profiles, registrations, report

SECTIONS = (lookups, clusters, pages, growth, profiles, registrations, peers)


def main() -> None:
    began = time.monotonic()
    sections = []
    for module in SECTIONS:
        started = time.monotonic()
        sections.append(module.section())
        report.show(sections[-1])
        print(f"{time.monotonic() - started:.0f} s for this\n", flush=True)
    minutes = (time.monotonic() - began) / 60
    preface = (
        f"Written by `make bench` on {date.today():%Y-%m-%d}, in {minutes:.0f} minutes: Linux"  # noqa: DTZ011
        f" {platform.release().split('-')[0]}, Python {platform.python_version()},"
        f" {os.cpu_count()} cores. Each figure is a ratio within one run wherever it can be; the"
        " simulator, the load and the product share the machine."
    )
    report.write(preface, sections)


if __name__ == "__main__":
    main()
