"""Run a command that must not outlive its parent: `python -m config.child PARENT_PID COMMAND …`.

A wrapper that becomes the command, rather than code between fork and exec: that would run in a
copy of the parent's interpreter, where a lock may be held by a thread that does not exist there.
"""

import ctypes
import os
import signal
import sys
from typing import NoReturn

PR_SET_PDEATHSIG = 1
"""prctl(2): which signal the kernel sends to this process when its parent dies."""


def end_with_parent(parent_pid: int) -> None:
    """Have the kernel send SIGTERM when the parent dies; leave now if it has died already.

    It holds over exec. Linux alone has it; elsewhere a parent that is killed leaves children.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent_pid:
        sys.exit(1)


def main(parent_pid: str, *command: str) -> NoReturn:
    end_with_parent(int(parent_pid))
    try:
        os.execvp(command[0], command)
    except OSError as problem:
        sys.exit(f"{command[0]} cannot be started: {problem.strerror}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
