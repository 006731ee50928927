"""What the shell hands down must not decide a test.

Environment variables, ignored and blocked signals, umask, locale and the limit on open files are
inherited by every process that a test starts. Here they are made the same on every machine, once,
before the first test.
"""

import locale
import os
import resource
import signal
import tempfile
from contextlib import suppress
from types import FrameType

from tests.settings import GIVEN

KEPT = frozenset(
    {
        *("CHROMIUM_PATH", "HOME", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "TMPDIR", "USER"),
        "XDG_CACHE_HOME",  # Playwright's own Chromium may be below it
        "TZ",  # Django has set it by now
        *GIVEN,
    }
)
"""The only environment variables that stay: facts about the machine, and what the tests set."""
KEPT_PREFIXES = ("COV", "HYPOTHESIS_", "PLAYWRIGHT_", "PYENV_", "PYTEST_", "TEST_")

UTF8 = "C.UTF-8"
UMASK = 0o022
LONGEST_TMPDIR = 24
"""Characters: Chromium makes a socket some folders below, whose path may have 107 in all."""
OPEN_FILES = 4096
"""Chromium and the web server need some hundred; a shell may allow thousands, or 256."""
INHERITED_SIGNALS = (
    *(signal.SIGALRM, signal.SIGCHLD, signal.SIGHUP, signal.SIGINT),
    *(signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2),
)
"""Not SIGPIPE: Python ignores it for itself and restores it for what it starts."""


def make_ordinary() -> None:
    """Undo for this process and all that it starts whatever the shell has set differently."""
    for name in set(os.environ) - KEPT:
        if not name.startswith(KEPT_PREFIXES):
            del os.environ[name]
    if len(os.environ.get("TMPDIR", "")) > LONGEST_TMPDIR:
        del os.environ["TMPDIR"]
        tempfile.tempdir = None  # look for it anew
    os.environ["LC_ALL"] = UTF8
    with suppress(locale.Error):  # a system without it has UTF-8 as its default
        locale.setlocale(locale.LC_ALL, UTF8)
    os.umask(UMASK)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def hand_no_signal_setting_down() -> None:
    """Let no child inherit that a signal is ignored, as under nohup, or blocked.

    Here the ignored ones stay without effect, so that a run under nohup survives its terminal:
    unlike SIG_IGN, a handler ends where another program begins.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in INHERITED_SIGNALS:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _do_nothing)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Handle a signal that was ignored."""
