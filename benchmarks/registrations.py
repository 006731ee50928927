"""Many registrations at once: as fast as two gunicorn workers take them, and the queue alone.

The forms are open before; the time runs from the first form sent to the last answer. Each
registration costs one Argon2 hash, which is slow on purpose, so the time of that many hashes alone,
on all processors, is shown beside it. Then the same number of lookups is queued by one transaction,
whose wake-ups are sent when it commits.
"""

import argparse
import os
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from django.contrib.auth.hashers import Argon2PasswordHasher

from benchmarks.report import Section, Table, show
from benchmarks.server import start_web
from tests.rush import rush
from tests.stack import running_stack
from tests.typed import PASSWORD

PEOPLE = 1_000
AT_ONCE = 100
HASHES = 60
"""Hashes that are timed; all take as long, so the time of more is extrapolated."""
REGISTERED = (200, "/perfil/")
"""Status and path of a successful registration's answer."""
ENQUEUE = """
import time
from django.db import transaction
from accounts.consents import save_with_consent
from accounts.models import CustomUser
people = [
    CustomUser(
        cedula=str(1_070_000_011 + number), nombre_completo="Ana Rojas", phone="3001234567",
        password="!",
    )
    for number in range({people})
]
began = time.perf_counter()
with transaction.atomic():
    for person in people:
        save_with_consent(person)
    committing = time.perf_counter()
ended = time.perf_counter()
print(committing - began, ended - committing)
"""


def hash_some(number: int) -> None:
    hasher = Argon2PasswordHasher()
    for _ in range(number):
        hasher.encode(PASSWORD, hasher.salt())


def argon2_seconds(people: int) -> float:
    """The time of so many hashes on all processors, extrapolated from HASHES."""
    cores = os.cpu_count() or 1
    each = HASHES // cores
    with ProcessPoolExecutor(cores) as processes:
        list(processes.map(hash_some, [1] * cores))  # after this all processes have started
        began = time.perf_counter()
        list(processes.map(hash_some, [each] * cores))
        return (time.perf_counter() - began) * people / (each * cores)


def section(people: int = PEOPLE) -> Section:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(
            Path(folder),
            LOG_LEVEL="WARNING",
            THROTTLE_REGISTRATIONS_PER_ADDRESS="1000000",  # they all come from this machine
            THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY="1000000",
        ) as stack,
    ):
        start_web(stack)
        answers, seconds = rush(stack, people, at_once=AT_ONCE)
        refused = [answer for answer in answers if (answer.status, answer.path) != REGISTERED]
        waits = statistics.quantiles([answer.seconds for answer in answers], n=20)
        queued = stack.manage("shell", "-v0", "-c", ENQUEUE.format(people=people))
        saving, committing = map(float, queued.split()[-2:])
    hashing = argon2_seconds(people)
    summary = (
        f"Not registered: {len(refused)}. Half of them waited {waits[9]:.1f} s, the slowest"
        f" twentieth {waits[18]:.1f} s or longer."
    )
    return Section(
        "Many registrations at once",
        " ".join((__doc__ or "").split()),
        [
            Table(
                ["", "seconds", "× Argon2 alone"],
                [
                    [f"{people:,} registrations, {AT_ONCE} at once", seconds, seconds / hashing],
                    [f"{people:,} Argon2 hashes alone", hashing, 1.0],
                    [f"{people:,} people saved with their lookups", saving, saving / hashing],
                    ["… committed, and a wake-up queued", committing, committing / hashing],
                ],
            ),
            summary,
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    show(section(parser.parse_args().people))


if __name__ == "__main__":
    main()
