"""asyncio tasks whose outcome is ignored. asyncio logs an error that nobody has read."""

import asyncio
from typing import Any


async def first_of(*futures: "asyncio.Future[Any]", within: float | None = None) -> None:
    """Return when one of `futures` is done, or after `within` seconds. Cancels none of them."""
    await asyncio.wait(set(futures), timeout=within, return_when=asyncio.FIRST_COMPLETED)


def drop(task: "asyncio.Future[Any]") -> None:
    """Cancel `task` and ignore its outcome."""
    task.cancel()
    ignore_outcome(task)


def ignore_outcome(task: "asyncio.Future[Any]") -> None:
    """Let `task` run on; asyncio does not log its error."""
    task.add_done_callback(_read)


def _read(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled():
        task.exception()
