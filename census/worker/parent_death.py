"""Keeps a child process from outliving its parent. Plain Python: it runs before Django does."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""prctl(2): sets the signal that the kernel sends to this process when its parent dies."""


def end_with_parent(parent_pid: int, signum: signal.Signals) -> None:
    """Have the kernel send `signum` when the parent dies; exit now if it has died already.

    The setting survives exec. Only Linux has it; elsewhere a killed parent leaves its children.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signum)
    if os.getppid() != parent_pid:
        os._exit(1)
