"""The private directories of sessions: theirs alone, and gone when they are."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.browser.workspace import Workspace, as_temporary_directory
from tests.paths import ROOT

HOLD = """
import time
from scraper.browser.workspace import Workspace
print(Workspace.create().path, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary directory of the test's own, with a path as short as real ones have."""
    base = Path(tempfile.mkdtemp(dir="/tmp", prefix="w"))
    monkeypatch.setattr(tempfile, "tempdir", str(base))
    monkeypatch.setenv("TMPDIR", str(base))
    yield base / f"censo-al-dia-{os.geteuid()}"
    shutil.rmtree(base)


def holder() -> tuple[subprocess.Popen[str], Path]:
    """Another process with a workspace."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        return process, Path(process.stdout.readline().strip())


def test_nobody_else_may_look_into_it() -> None:
    workspace = Workspace.create()

    assert stat.S_IMODE(workspace.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(workspace.path.parent.stat().st_mode) == 0o700
    workspace.remove()


def test_nothing_of_it_is_left_when_it_is_removed(home: Path) -> None:
    workspace = Workspace.create()
    (workspace.path / "profile").mkdir()
    (workspace.path / "profile" / "Cookies").write_text("x")

    workspace.remove()

    assert list(home.iterdir()) == []


def test_sessions_that_live_keep_theirs(home: Path) -> None:
    process, theirs = holder()
    first, second = Workspace.create(), Workspace.create()

    assert {theirs, first.path, second.path} <= set(home.iterdir())
    first.remove()
    second.remove()
    process.kill()
    process.wait()


def test_what_the_dead_left_is_removed(home: Path) -> None:
    process, theirs = holder()
    (theirs / "profile").mkdir()
    process.kill()
    process.wait()
    without_lock = home / "0badcafe"
    without_lock.mkdir()

    workspace = Workspace.create()

    assert not theirs.exists()
    assert not without_lock.exists()
    assert {path.stem for path in home.iterdir()} == {workspace.path.name}
    workspace.remove()


def test_somebody_elses_directory_of_the_same_name_is_not_used(home: Path, tmp_path: Path) -> None:
    home.symlink_to(tmp_path)

    with pytest.raises(PermissionError):
        Workspace.create()


def test_a_temporary_directory_that_is_too_deep_for_sockets_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deep = tmp_path / ("d" * 80)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))

    workspace = Workspace.create()

    assert workspace.path.parent.parent == Path("/tmp")  # noqa: S108
    workspace.remove()


@pytest.mark.parametrize("is_set", [True, False])
def test_the_environment_means_the_same_once_a_process_is_started(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_set: bool,  # noqa: FBT001
) -> None:
    if not is_set:
        monkeypatch.delenv("TMPDIR")
    folder = tmp_path / "folder"

    with as_temporary_directory(folder):
        assert temporary_directory_of_a_child() == str(folder)

    assert temporary_directory_of_a_child() == str(home.parent)


def temporary_directory_of_a_child() -> str:
    child = subprocess.run(
        [sys.executable, "-c", "import tempfile; print(tempfile.gettempdir())"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return child.stdout.strip()
