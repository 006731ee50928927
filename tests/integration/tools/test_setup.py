"""`make setup` from its first step to its last, in a folder of its own, without a download."""

import re
import shutil
import stat
from pathlib import Path

import pytest

from tools import installation, virtualenv

NO_PACKAGES = "# nothing\n"
MAKING = "Making the virtual environment in .venv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that needs no package, set up once: making an environment takes seconds.

    In its environment's place there is a file, which is no obstacle.
    """
    root = tmp_path_factory.mktemp("setup") / "project with a blank"
    root.mkdir()
    (root / ".venv").write_text("what is this?", encoding="utf-8")
    (root / "requirements-dev.txt").write_text(NO_PACKAGES, encoding="utf-8")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("CHROMIUM_PATH", str(browser(root.parent / "chromium")))
        assert installation.main(root) == 0
    return root


@pytest.fixture
def root(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, as the set-up left it."""
    (made / "requirements-dev.txt").write_text(NO_PACKAGES, encoding="utf-8")
    monkeypatch.setenv("CHROMIUM_PATH", str(browser(made.parent / "chromium")))
    assert installation.main(made) == 0
    return made


@pytest.fixture
def said(root: Path, capsys: pytest.CaptureFixture[str]) -> "Said":
    """Return what is printed from here on."""
    said = Said(capsys)
    said.out()
    return said


def browser(path: Path) -> Path:
    path.write_text("#!/bin/sh\necho Chromium 140.0\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


class Said:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def out(self) -> list[str]:
        return self._capsys.readouterr().out.splitlines()

    def err(self) -> str:
        return self._capsys.readouterr().err


def snapshot(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_the_second_time_changes_nothing(root: Path, said: Said) -> None:
    before = snapshot(root)
    assert installation.main(root) == 0
    assert said.out() == ["Everything is in place."]
    assert snapshot(root) == before


def test_the_env_file_is_for_its_owner_alone_and_one_that_is_there_stays(root: Path) -> None:
    env_file = root / ".env"
    first = env_file.read_text(encoding="utf-8")
    assert env_file.stat().st_mode & 0o777 == 0o600
    assert "DEBUG=true\nSECRET_KEY=" in first
    assert len(first.split("SECRET_KEY=")[1].strip()) >= 50

    assert installation.main(root) == 0
    assert env_file.read_text(encoding="utf-8") == first


def test_a_broken_environment_with_a_stamp_cut_short_is_remade(root: Path, said: Said) -> None:
    virtualenv.python_of(root / ".venv").unlink()
    (root / ".venv/setup.json").write_text('{"packages": "5e', encoding="utf-8")
    assert installation.main(root) == 0
    assert MAKING in said.out()
    assert virtualenv.is_sound(root / ".venv")


def test_an_environment_that_was_moved_is_remade(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = shutil.copytree(root, root.parent / "moved", symlinks=True)
    remade: list[Path] = []
    # How it is made is shown above.
    monkeypatch.setattr(virtualenv, "make", lambda venv, _say: remade.append(venv))
    assert installation.main(moved) == 0
    assert remade == [moved / ".venv"]


def test_packages_that_could_not_be_installed_are_tried_again_the_next_time(
    root: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    pins = root / "requirements-dev.txt"
    pins.write_text("no-such-package==1.0\n", encoding="utf-8")
    for _ in range(2):
        assert installation.main(root) == 1
        problem = said.err()
        assert problem.startswith("make setup: the packages could not be installed (ERROR: ")
        assert problem.count("\n") == 1

    pins.write_text("# nothing\n", encoding="utf-8")
    assert installation.main(root) == 0


def test_an_index_that_cannot_be_reached_is_told_as_that(
    root: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",  # the discard port: nobody listens
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_RETRIES": "1",
        "PIP_DEFAULT_TIMEOUT": "1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    (root / "requirements-dev.txt").write_text("no-such-package==1.0\n", encoding="utf-8")
    assert installation.main(root) == 1
    assert said.err() == (
        "make setup: pip cannot reach the package index: check the network, the proxy and"
        " `pip config list`, then run `make setup` again.\n"
    )


def test_a_chromium_that_was_removed_is_looked_for_again(
    root: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root.parent / "chromium").unlink()
    other = browser(root.parent / "other")
    monkeypatch.setenv("CHROMIUM_PATH", str(other))
    assert installation.main(root) == 0
    assert said.out() == [f"Chromium: {other}", "Everything is in place."]


def test_the_chromium_that_the_env_file_names_is_used(
    root: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM_PATH")
    mine = browser(root.parent / "mine")
    env_file = root / ".env"
    before = env_file.read_text(encoding="utf-8")
    env_file.write_text(f'{before}CHROMIUM_PATH="{mine}"  # my own\n', encoding="utf-8")
    assert installation.main(root) == 0
    assert f"Chromium: {mine}" in said.out()
    env_file.write_text(before, encoding="utf-8")


def test_what_the_system_refuses_is_told_in_one_sentence(root: Path, said: Said) -> None:
    (root / "requirements-dev.txt").unlink()
    assert installation.main(root) == 1
    assert re.fullmatch(
        r"make setup: [^\n]+ Mend that, then run `make setup` again\.\n", said.err()
    )
