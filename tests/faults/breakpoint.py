"""A configuration of gunicorn whose processes stop at one call of the product, as in a debugger.

BREAK_AT names the call, as the module has it that makes it: `census.lookups.wakeups.async_task`.
BREAK_FOLDER is a directory of the test's. BREAK_TO says what happens there:

* `die`: the first process that comes there is killed before the call, as by a loss of memory.
* `meet`: the first two that come there wait for each other, then both go on.
"""

import functools
import importlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MEETING_SECONDS = 30.0


def post_worker_init(worker: object) -> None:
    """Gunicorn's hook: in each of its processes, once the product is loaded."""
    module_name, name = os.environ["BREAK_AT"].rsplit(".", 1)
    module = importlib.import_module(module_name)
    setattr(module, name, stopping_before(getattr(module, name)))


def stopping_before(call: Callable[..., Any]) -> Callable[..., Any]:
    act = {"die": die, "meet": meet}[os.environ["BREAK_TO"]]
    folder = Path(os.environ["BREAK_FOLDER"])

    @functools.wraps(call)
    def stopped(*args: Any, **kwargs: Any) -> Any:
        act(folder)
        return call(*args, **kwargs)

    return stopped


def die(folder: Path) -> None:
    if is_first(folder / "died"):
        os.kill(os.getpid(), signal.SIGKILL)


def meet(folder: Path) -> None:
    if not (is_first(folder / "one") or is_first(folder / "two")):
        return
    deadline = time.monotonic() + MEETING_SECONDS
    while not (folder / "two").exists():
        if time.monotonic() > deadline:
            raise TimeoutError("Nobody else came.")
        time.sleep(0.005)


def is_first(mark: Path) -> bool:
    """Whether nobody has left this mark before."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
