"""Tasks that nobody awaits to their end. asyncio reports errors that nobody has read."""

import asyncio
from typing import Any


async def first_of(*futures: "asyncio.Future[Any]", within: float | None = None) -> None:
    """Return when one of them is done, or after `within` seconds. None of them is touched."""
    await asyncio.wait(set(futures), timeout=within, return_when=asyncio.FIRST_COMPLETED)


def drop(task: "asyncio.Future[Any]") -> None:
    """Call off a task whose outcome nobody needs any more."""
    task.cancel()
    let_end(task)


def let_end(task: "asyncio.Future[Any]") -> None:
    """Let a task go on by itself; its outcome, an error included, is of no use to anybody."""
    task.add_done_callback(_read)


def _read(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled():
        task.exception()
