"""A management command loads the product without looking for garbage in it."""

import os
import subprocess
import sys

from tests.paths import ROOT

SHOW = "import gc; print(gc.isenabled(), gc.get_freeze_count() > 10_000)"


def test_the_collector_works_again_and_skips_what_was_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", SHOW],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": "sqlite://:memory:"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout == "True True\n"
