"""Chromium's own sandbox stands between a hostile page and the worker, wherever it can be had.

The tests may run as root, for whom Chromium has none: so each runs in a user namespace of its own,
where it is somebody else.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pytest

from tests.paths import ROOT

AS_SOMEBODY = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
FORBID_MORE = (
    "echo 0 > /proc/sys/user/max_user_namespaces"
    ' && exec setpriv --ambient-caps=-all --inh-caps=-all "$0" "$@"'
)
WITHOUT_NAMESPACES = (
    *AS_SOMEBODY,
    "--keep-caps",
    "sh",
    "-c",
    FORBID_MORE,
)

LAUNCH = """
import asyncio, logging, os, pathlib, sys
import psutil
from playwright.async_api import async_playwright
from scraper.browser import chromium

logging.basicConfig(format="%(message)s")

async def main():
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright, "", pathlib.Path(sys.argv[1]), 30)
        await (await browser.new_page()).goto("data:text/html,hola")
        processes = psutil.Process().children(recursive=True)
        renderers = [p for p in processes if "--type=renderer" in p.cmdline()]
        away = all(os.readlink(f"/proc/{p.pid}/ns/user") != OWN for p in renderers)
        print(os.geteuid(), len(renderers) > 0, away)
        await browser.close()

OWN = os.readlink("/proc/self/ns/user")
asyncio.run(main())
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def profile() -> Iterator[str]:
    """A directory with a short name: Chromium makes a socket below it, whose path has a limit."""
    with tempfile.TemporaryDirectory() as folder:
        yield folder


needs_namespaces = pytest.mark.skipif(
    not (shutil.which("unshare") and run(*AS_SOMEBODY, "true").returncode == 0),
    reason="this system makes no user namespaces",
)


@needs_namespaces
def test_a_page_is_rendered_in_namespaces_of_its_own(profile: str) -> None:
    done = run(*AS_SOMEBODY, sys.executable, "-c", LAUNCH, profile)
    assert (done.stdout, done.stderr) == ("1000 True True\n", "")


@needs_namespaces
def test_where_it_cannot_be_had_lookups_go_on_and_the_log_says_so(profile: str) -> None:
    done = run(*WITHOUT_NAMESPACES, sys.executable, "-c", LAUNCH, profile)
    assert done.stdout == "1000 True False\n"
    assert done.stderr.startswith("Chromium runs without its sandbox")
