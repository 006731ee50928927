"""The queue of the lookups that come without a turn."""

import asyncio
import threading
import time
from itertools import pairwise

from scraper.session.pacer import Pacer
from tests.scraping import eventually

INTERVAL = 0.1


async def visit(pacer: Pacer, visits: list[tuple[int, float]], name: int = 0) -> None:
    await pacer.acquire(INTERVAL)
    now = time.monotonic()
    visits.append((name, now))
    pacer.release(now)


def gaps(visits: list[tuple[int, float]]) -> list[float]:
    return [later - earlier for (_, earlier), (_, later) in pairwise(visits)]


def test_visits_are_made_one_by_one_in_the_order_of_asking() -> None:
    visits: list[tuple[int, float]] = []

    async def story() -> None:
        pacer = Pacer()
        await asyncio.gather(*(visit(pacer, visits, name) for name in range(5)))

    asyncio.run(story())

    assert [name for name, _ in visits] == [0, 1, 2, 3, 4]
    assert min(gaps(visits)) >= INTERVAL


def test_the_interval_is_kept_over_threads_with_loops_of_their_own() -> None:
    pacer = Pacer()
    visits: list[tuple[int, float]] = []

    async def story() -> None:
        for _ in range(3):
            await visit(pacer, visits)

    threads = [threading.Thread(target=asyncio.run, args=(story(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(visits) == 9
    assert min(gaps(visits)) >= INTERVAL


def test_nobody_is_let_in_while_a_visit_is_being_made() -> None:
    async def story() -> None:
        pacer = Pacer()
        await pacer.acquire(INTERVAL)
        second = asyncio.ensure_future(pacer.acquire(INTERVAL))
        await asyncio.sleep(3 * INTERVAL)
        assert not second.done()

        pacer.release(time.monotonic() - INTERVAL)
        await second

    asyncio.run(story())


def test_whoever_leaves_the_queue_holds_up_nobody() -> None:
    async def story() -> None:
        pacer = Pacer()
        await pacer.acquire(INTERVAL)
        waiting = [asyncio.ensure_future(pacer.acquire(INTERVAL)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        pacer.release(None)
        waiting[1].cancel()  # it may have been let in already
        await waiting[2]

    asyncio.run(asyncio.wait_for(story(), 10))


def test_whoever_leaves_while_the_interval_passes_lets_the_next_one_in() -> None:
    async def story() -> None:
        pacer = Pacer()
        pacer.note_visit(time.monotonic())
        first = asyncio.ensure_future(pacer.acquire(60.0))
        second = asyncio.ensure_future(pacer.acquire(INTERVAL))
        await asyncio.sleep(INTERVAL / 2)
        first.cancel()
        await second

    asyncio.run(asyncio.wait_for(story(), 10))


def test_a_place_in_a_loop_that_has_ended_is_passed_over() -> None:
    pacer = Pacer()
    dead = asyncio.new_event_loop()
    dead.set_exception_handler(lambda *_: None)  # it ends with a task pending, on purpose
    held = threading.Event()

    async def hold() -> None:
        await pacer.acquire(0.0)
        held.set()

    asyncio.run(hold())
    queued = dead.create_task(pacer.acquire(0.0))
    dead.run_until_complete(asyncio.sleep(0))
    dead.close()
    pacer.release(None)

    done = threading.Event()

    async def next_one() -> None:
        await pacer.acquire(0.0)
        done.set()

    thread = threading.Thread(target=asyncio.run, args=(next_one(),), daemon=True)
    thread.start()
    eventually(done.is_set, seconds=10)
    assert held.is_set()
    assert not queued.done()
    queued.get_coro().close()


def test_a_visit_with_a_turn_of_its_own_keeps_the_others_at_a_distance() -> None:
    visits: list[tuple[int, float]] = []

    async def story() -> None:
        pacer = Pacer()
        noted = time.monotonic()
        visits.append((0, noted))
        pacer.note_visit(noted)
        await visit(pacer, visits)

    asyncio.run(story())

    assert min(gaps(visits)) >= INTERVAL
