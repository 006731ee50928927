"""`make help` lists every target with a line about it."""

import re
import shutil
import subprocess

import pytest

from tests.paths import ROOT


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make")
def test_every_target_is_listed_with_a_line_about_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = re.search(r"^\.PHONY:((?:.*\\\n)*.*)", makefile, re.MULTILINE)
    assert declared
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    names = re.findall(r"^  make ([a-z0-9-]+)  +\S", listed, re.MULTILINE)
    assert names == declared[1].replace("\\", "").split()[1:]
