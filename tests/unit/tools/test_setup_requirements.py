"""The pinned packages: every one to a version, the same ones in both files, from anywhere."""

import re
from itertools import combinations

import pytest

from tests.paths import ROOT

FILES = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.]+)(?P<marker> ; [^#]+?)?(\s+# via .+)?")


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def pins(name: str) -> set[tuple[str, str, str | None]]:
    found = [PIN.fullmatch(line) for line in lines(name)]
    return {(pin["name"], pin["version"], pin["marker"]) for pin in found if pin}


@pytest.mark.parametrize("name", FILES)
def test_every_line_pins_one_version(name: str) -> None:
    assert [line for line in lines(name) if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("name", FILES)
def test_no_line_says_where_packages_come_from(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|^\s*-", text, re.MULTILINE)


def test_tests_run_on_the_versions_that_are_served() -> None:
    served = {(name, version) for name, version, _ in pins("requirements.txt")}
    tested = {(name, version) for name, version, _ in pins("requirements-dev.txt")}
    assert served <= tested


def versions(file: str, package: str) -> set[str]:
    """Return the pinned versions: one, or another besides for an older Python."""
    return {version for name, version, _ in pins(file) if name == package}


def test_no_two_files_pin_a_package_differently() -> None:
    for one, other in combinations(FILES, 2):
        shared = {name for name, _, _ in pins(one)} & {name for name, _, _ in pins(other)}
        assert shared
        assert [name for name in shared if versions(one, name) != versions(other, name)] == []


@pytest.mark.parametrize("name", FILES)
def test_what_is_asked_for_is_pinned(name: str) -> None:
    asked = (ROOT / name.replace(".txt", ".in")).read_text(encoding="utf-8")
    names = re.findall(r"^([A-Za-z0-9][\w-]*)", asked, re.MULTILINE)
    pinned = {pin for pin, _, _ in pins(name)}
    assert [name for name in names if name.lower() not in pinned] == []
