"""Old Pythons, missing modules and full disks: the set-up says what to do."""

import ast
import errno
import stat
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT
from tools import setup, virtualenv
from tools.problems import SetupError, sentence_for


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize("name", ["__init__", "python_version", "setup"])
def test_old_pythons_can_read_the_modules_that_turn_them_away(name: str) -> None:
    source = (ROOT / "tools" / f"{name}.py").read_text(encoding="utf-8")
    module = ast.parse(source, feature_version=(3, 6))
    imported = {node.module or "" for node in module.body if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if name.startswith("tools")} <= {"tools.python_version"}


def test_a_python_that_is_too_old_is_told_which_to_use(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"this is Python 3\.10, and 3\.11 or later is needed"):
        setup.leave_old_python((3, 10), str(tmp_path))


def test_a_python_that_will_do_goes_on(tmp_path: Path) -> None:
    setup.leave_old_python((3, 11), str(tmp_path))


def test_a_newer_python_beside_an_old_one_is_found(tmp_path: Path) -> None:
    script(tmp_path / "python3.13", "exit 127")  # a version manager's, not switched on
    script(tmp_path / "python3.12", "exit 0")
    script(tmp_path / "python3.11", "exit 0")
    assert setup.newer_python(str(tmp_path)) == str(tmp_path / "python3.12")


def test_root_on_debian_gets_the_venv_module_installed(tmp_path: Path) -> None:
    script(tmp_path / "apt-get", f'echo "$*" >> {tmp_path}/journal')
    said: list[str] = []
    virtualenv.ensure_venv_module(said.append, present=False, path=str(tmp_path), is_root=True)
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert f"install -y --no-install-recommends {package}" in (tmp_path / "journal").read_text()
    assert said == [f"Installing Debian's {package}"]


@pytest.mark.parametrize(("is_root", "outcome"), [(False, "exit 0"), (True, "exit 100")])
def test_anybody_else_is_told_which_package_has_the_venv_module(
    tmp_path: Path, *, is_root: bool, outcome: str
) -> None:
    script(tmp_path / "apt-get", outcome)
    with pytest.raises(SetupError, match=r"apt-get install python3\.\d+-venv"):
        virtualenv.ensure_venv_module(
            lambda _: None, present=False, path=str(tmp_path), is_root=is_root
        )


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "WARNING: Retrying (Retry(total=4, connect=None)) after\nERROR: No django==5.2.19",
            "pip cannot reach the package index: check the network",
        ),
        ("ERROR: [Errno 28] No space left on device", "the disk is full: make room"),
        (
            "Collecting nothing\nERROR: No matching distribution found for nothing==1\nwell",
            "the packages could not be installed (ERROR: No matching distribution found for",
        ),
        ("", "the packages could not be installed (without a word)"),
    ],
)
def test_what_pip_says_becomes_one_sentence(output: str, sentence: str) -> None:
    explained = virtualenv.explain(output, "the packages")
    assert explained.startswith(sentence)
    assert "\n" not in explained


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "the disk is full: make room"),
        (errno.EACCES, ".env cannot be written: give yourself the right to"),
        (errno.EIO, "[Errno 5] Input/output error: '.env'. Mend that, then"),
    ],
)
def test_what_the_system_refuses_becomes_one_sentence(number: int, sentence: str) -> None:
    problem = OSError(number, "Input/output error", ".env")
    assert sentence_for(problem).startswith(sentence)
