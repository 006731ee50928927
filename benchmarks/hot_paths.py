"""The frequent operations, called as the product calls them, in a filled database.

Runs inside the product's settings; `benchmarks.growth` sends it a request per line, and
`benchmarks.crowd` fills the database.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser
from benchmarks import crowd
from census.lookups import lifecycle, sweep
from census.models import CedulaInfo, LookupAttempt, WorkerHeartbeat
from census.operation import state
from census.states import Priority, Status
from census.worker.code_version import code_version
from scraper.results import NotFound
from scraper.turn import Stage

Operation = Callable[[], None]

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def undone() -> Iterator[None]:
    """Roll back all writes at the end, so that the next call finds the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def claim() -> None:
    assert lifecycle.claim_next("worker") is not None


def rest_of_a_lookup() -> None:
    """A lookup's claim, and all writes after it."""
    claimed = lifecycle.claim_next("worker")
    assert claimed is not None
    begun_at = timezone.now()
    assert lifecycle.is_anything_due()
    for stage in Stage:
        if stage is not Stage.WAITING:
            lifecycle.note_stages(claimed, {stage: begun_at})
    assert lifecycle.renew([claimed]) == lifecycle.held([claimed]) == {claimed.token}
    assert lifecycle.settle(claimed, NotFound(), lifecycle.Trace())


def sweeps() -> None:
    assert sweep.take_back_lost_claims() == crowd.LOST
    assert sweep.call_off_what_came_back() == 0


def sweep_at_a_start() -> None:
    assert sweep.take_back_claims_of_the_dead() == 0
    sweep.mend_impossible_times()


def operations_page() -> None:
    assert state.operation().waiting.due


def page(client: Client, path: str, status: int = 200, *, htmx: bool = True) -> Operation:
    headers = {"HX-Request": "true"} if htmx else {}

    def ask() -> None:
        response = client.get(path, secure=True, headers=headers)
        assert response.status_code == status, response.content

    return ask


def hot_paths(now: float) -> dict[str, Operation]:
    """{name: operation}. `now`: when the database was filled, seconds since the epoch."""
    due = CedulaInfo.objects.filter(status=Status.PENDING, attempts=0).select_related("user")
    queue = due.order_by("priority", "next_attempt_at", "id")
    last_person = queue.filter(priority=Priority.PERSON).last()
    last = queue.last()
    held = CedulaInfo.objects.filter(
        status=Status.PROCESSING, lease_expires_at__gt=timezone.now()
    ).first()
    assert last_person is not None
    assert last is not None
    assert held is not None
    leader = browser(CustomUser.objects.get(pk=CedulaInfo.objects.count() + 1))
    table, poll = "/referidos/", "/referidos/pending/?since="
    return {
        "claim": claim,
        "claim and all writes of a lookup": rest_of_a_lookup,
        "sweep": sweeps,
        "sweep at a worker's start": sweep_at_a_start,
        "card: position in the queue, last person": page(browser(last_person.user), "/censo/"),
        "card: position in the queue, last of all": page(browser(last.user), "/censo/"),
        "card: being looked up": page(browser(held.user), "/censo/"),
        "poll of the table, nothing changed": page(leader, f"{poll}{now}", 204),
        "poll of the table, 3 rows changed": page(leader, f"{poll}{now - 180}"),
        "table": page(leader, table, htmx=False),
        "table by name": page(leader, f"{table}?orden=nombre"),
        "table, only failures": page(leader, f"{table}?estado=errores"),
        "table, found by a name": page(leader, f"{table}?q=nunez+ana"),
        "summary": page(leader, f"{table}resumen/", htmx=False),
        "summary of a municipio": page(
            leader, f"{table}resumen/?departamento=departamento+1&municipio=municipio+1"
        ),
        "/salud/": page(Client(SERVER_NAME="127.0.0.1"), "/salud/", htmx=False),
        "operations page, its reads": operations_page,
    }


def browser(person: CustomUser) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(person)
    return client


def keep_alive(filled_at: float) -> None:
    """Do what a working worker does: beat, renew leases, and begin an attempt."""
    now = timezone.now()
    lost_before = datetime.fromtimestamp(filled_at, UTC) - timedelta(minutes=30)
    CedulaInfo.objects.filter(status=Status.PROCESSING, lease_expires_at__gt=lost_before).update(
        lease_expires_at=now + lifecycle.LEASE
    )
    WorkerHeartbeat.objects.update_or_create(
        cluster_id=UUID(int=1),
        defaults={
            "host": "worker-1",
            "pid": 4711,
            "version": code_version(),
            "started_at": now,
            "beat_at": now,
        },
    )
    latest = LookupAttempt.objects.order_by("-pk").first()
    assert latest is not None
    latest.started_at = now
    latest.save(update_fields=["started_at"])


def timed(operation: Operation, times: int) -> list[float]:
    """The seconds of each call."""
    found = []
    for _ in range(times):
        with undone():
            began = time.perf_counter()
            operation()
            found.append(time.perf_counter() - began)
    return found


def profiled(operation: Operation, seconds: float) -> list[tuple[str, float]]:
    """The three parts of the product or its libraries that take most time, with their shares.

    A sample counts for the innermost frame outside the standard library, so what a library has the
    standard library do counts as the library's.
    """
    from pyinstrument import Profiler  # installed by `make bench` alone
    from pyinstrument.frame import Frame

    profiler = Profiler(interval=0.0005, async_mode="disabled")
    until = time.perf_counter() + seconds
    with profiler:
        while time.perf_counter() < until:
            with undone():
                operation()
    session = profiler.last_session
    root = session.root_frame() if session else None
    assert root is not None
    shares: defaultdict[str, float] = defaultdict(float)

    def add(frame: Frame, part: str) -> None:
        part = part_of(frame.file_path or "") or part
        shares[part] += frame.absorbed_time + frame.time - sum(c.time for c in frame.children)
        for child in frame.children:
            add(child, part)

    add(root, "")
    everything = sum(shares.values())
    costliest = sorted(shares.items(), key=itemgetter(1), reverse=True)[:3]
    return [(part, spent / everything) for part, spent in costliest]


def part_of(file: str) -> str:
    """The part of the product or of a library that `file` belongs to; '' for Python's own."""
    path = Path(file)
    if "site-packages" in path.parts:
        inside = path.parts[path.parts.index("site-packages") + 1 :]
        return "/".join(inside[: 3 if inside[0] == "django" else 1]).removesuffix(".py")
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else ""


def serve() -> None:
    """Answer each line, a JSON list of a command and its arguments, by a line of JSON."""
    filled: dict[str, float] = {}
    paths: dict[str, Operation] = {}
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        answer: object
        if command == "fill":
            answer = filled = crowd.fill(*arguments)
        elif command == "profile":
            path, seconds = arguments
            keep_alive(filled["now"])
            answer = profiled(paths[path], seconds)
        elif command == "names":
            paths = hot_paths(filled["now"])
            answer = list(paths)
        else:
            keep_alive(filled["now"])
            answer = timed(paths[command], *arguments)
        print(json.dumps(answer), flush=True)
