"""A shell that has set nearly everything differently, and what a test's processes see of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

RUNNER = """
import os, signal, subprocess, sys
from tests import surroundings
surroundings.make_ordinary()
surroundings.hand_no_signal_setting_down()
os.kill(os.getpid(), signal.SIGHUP)  # as when its terminal is closed
sys.exit(subprocess.run([sys.executable, "-c", sys.argv[1]]).returncode)
"""
CHILD = """
import json, locale, os, resource, signal
umask = os.umask(0)
print(json.dumps({
    "ignored": [s.name for s in (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1)
                if signal.getsignal(s) is not signal.SIG_DFL],
    "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "umask": oct(umask),
    "open files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    "encoding": locale.getencoding().lower(),
    "kept": sorted({"HTTP_PROXY", "NO_COLOR", "PYTHONOPTIMIZE", "TMPDIR"} & set(os.environ)),
}))
"""


def test_what_a_shell_hands_down_reaches_no_process_of_a_test(tmp_path: Path) -> None:
    shell = "trap '' HUP QUIT USR1; umask 077; ulimit -S -n 128; exec \"$@\""
    done = subprocess.run(
        ["sh", "-c", shell, "sh", sys.executable, "-c", RUNNER, CHILD],
        cwd=ROOT,
        env=os.environ
        | {
            "LC_ALL": "C",
            "PYTHONCOERCECLOCALE": "0",
            "PYTHONUTF8": "0",
            "HTTP_PROXY": "http://127.0.0.1:9",
            "NO_COLOR": "1",
            "PYTHONOPTIMIZE": "1",
            "TMPDIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {
        "ignored": [],
        "blocked": 0,
        "umask": "0o22",
        "open files": 4096,
        "encoding": "utf-8",
        "kept": [],  # a folder of pytest's is long
    }
