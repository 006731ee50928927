"""A gunicorn configuration whose processes stop at one call of the product, as in a debugger.

BREAK_AT names the call by the calling module's name for it: `census.lookups.wakeups.async_task`.
BREAK_FOLDER is a directory of the test. BREAK_TO says what happens before the call:

* `die`: the first process to reach it is killed, as if memory had run out.
* `meet`: the first two processes to reach it wait for each other, then both go on.
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
    """Gunicorn's hook, called in each worker once the product is loaded."""
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
    """Create the file `mark`; True if no process has created it before."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
