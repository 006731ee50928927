"""Find the processes of a running `qcluster` by their role."""

import subprocess

import psutil
import pytest

from tests.stack import family, is_alive


def titled(worker: subprocess.Popen[bytes], words: str) -> list[psutil.Process]:
    """The processes of the cluster whose command line contains `words`."""
    return [process for process in family(worker.pid) if words in command_of(process)]


def command_of(process: psutil.Process) -> str:
    """Its command line; '' if it has ended."""
    try:
        return " ".join(process.cmdline()) if is_alive(process) else ""
    except psutil.NoSuchProcess:
        return ""


def main_process(worker: subprocess.Popen[bytes]) -> psutil.Process:
    return psutil.Process(worker.pid)


def sentinel(worker: subprocess.Popen[bytes]) -> psutil.Process:
    (child,) = main_process(worker).children()
    return child


def queue_worker(worker: subprocess.Popen[bytes]) -> psutil.Process:
    found = drivers(worker)
    if found:
        return found[0].parent() or pytest.fail("the driver has no parent")
    idle = titled(worker, " idle")
    return idle[0] if idle else pytest.fail("no worker process")


def monitor(worker: subprocess.Popen[bytes]) -> psutil.Process:
    return titled(worker, "monitor")[0]


def pusher(worker: subprocess.Popen[bytes]) -> psutil.Process:
    return titled(worker, "pusher")[0]


def drivers(worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return titled(worker, "run-driver")


def driver(worker: subprocess.Popen[bytes]) -> psutil.Process:
    return drivers(worker)[0]


def chromiums(worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The browsers' main processes."""
    found = titled(worker, "--remote-debugging")
    return [process for process in found if "--type=" not in command_of(process)]


def chromium(worker: subprocess.Popen[bytes]) -> psutil.Process:
    return chromiums(worker)[0]
