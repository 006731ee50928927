"""A child process that must not outlive its parent. Plain Python: it runs before Django does."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""prctl(2): which signal the kernel sends to this process when its parent dies."""


def end_with_parent(parent_pid: int, signum: signal.Signals) -> None:
    """Have the kernel send `signum` when the parent dies; leave now if it has died already.

    It holds over exec. Linux alone has it; elsewhere a parent that is killed leaves children.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signum)
    if os.getppid() != parent_pid:
        os._exit(1)
