"""Which Chromium the set-up settles for, on machines made of a few shell scripts."""

import stat
from pathlib import Path

import pytest

from scraper.browser import installed
from tools import chromium
from tools.problems import SetupError

RUNS = "#!/bin/sh\necho Chromium 140.0\n"
STUB = "#!/bin/sh\necho 'install the snap first' >&2\nexit 1\n"


def script(path: Path, text: str = RUNS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


class Machine:
    """A machine whose whole world is a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known = folder / "usr/lib/chromium/chromium"
        self.downloaded = folder / "cache/chrome"
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.journal = folder / "journal"
        self.journal.touch()
        self.said: list[str] = []
        self.playwright(downloads="exit 1")

    def playwright(self, downloads: str) -> None:
        """Stand in for `python -m playwright install`; `python -c` prints the path it would use."""
        script(
            self.folder / "python",
            f'#!/bin/sh\nif [ "$1" = -c ]; then echo {self.downloaded}; exit 0; fi\n'
            f'echo "python $*" >> {self.journal}\n{downloads}\n',
        )

    def apt_get(self, installs: str) -> None:
        script(
            self.bin / "apt-get",
            f'#!/bin/sh\necho "apt-get $*" >> {self.journal}\n'
            f'[ "$2" = install ] || exit 0\n{installs}\n',
        )

    def brings(self, path: Path) -> str:
        return f"/bin/mkdir -p {path.parent}; printf '#!/bin/sh\\n' > {path}; /bin/chmod +x {path}"

    def ensure(self, *, is_root: bool = False, **environ: str) -> Path:
        machine = chromium.Machine(
            python=self.folder / "python",
            environ={"PATH": str(self.bin), **environ},
            known_places=(self.known,),
            is_root=is_root,
        )
        return chromium.ensure(machine, self.said.append)

    def calls(self) -> list[str]:
        return self.journal.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_one_that_is_named_goes_before_all_others(machine: Machine) -> None:
    script(machine.known)
    mine = script(machine.folder / "mine")
    assert machine.ensure(CHROMIUM_PATH=str(mine)) == mine


@pytest.mark.parametrize("text", [None, STUB])
def test_a_named_one_that_does_not_start_is_told_rather_than_passed_over(
    machine: Machine, text: str | None
) -> None:
    script(machine.known)
    if text:
        script(machine.folder / "mine", text)
    with pytest.raises(SetupError, match=r"CHROMIUM_PATH names .*mine, which does not start"):
        machine.ensure(CHROMIUM_PATH=str(machine.folder / "mine"))


def test_a_usual_place_goes_before_the_path(machine: Machine) -> None:
    script(machine.known)
    script(machine.bin / "chromium")
    assert machine.ensure() == machine.known


@pytest.mark.parametrize("name", installed.NAMES_ON_PATH)
def test_every_usual_name_is_found_on_the_path(machine: Machine, name: str) -> None:
    script(machine.bin / name)
    assert machine.ensure() == machine.bin / name
    assert machine.said == []


def test_a_stub_that_only_says_what_to_install_is_passed_over(machine: Machine) -> None:
    script(machine.bin / "chromium-browser", STUB)
    script(machine.downloaded)
    assert machine.ensure() == machine.downloaded


def test_what_playwright_downloaded_earlier_is_used_without_a_download(machine: Machine) -> None:
    script(machine.downloaded)
    assert machine.ensure() == machine.downloaded
    assert machine.calls() == []


def test_root_gets_debian_s_package_where_there_is_apt_get(machine: Machine) -> None:
    machine.apt_get(installs=machine.brings(machine.known))
    assert machine.ensure(is_root=True) == machine.known
    assert machine.calls() == [
        "apt-get -q update",
        "apt-get -q install -y --no-install-recommends chromium",
    ]


def test_whoever_is_not_root_gets_playwright_s_download(machine: Machine) -> None:
    machine.apt_get(installs=machine.brings(machine.known))
    machine.playwright(downloads=machine.brings(machine.downloaded))
    assert machine.ensure() == machine.downloaded
    assert machine.calls() == ["python -m playwright install chromium"]


def test_where_debian_s_package_cannot_be_had_playwright_s_is_with_its_libraries(
    machine: Machine,
) -> None:
    machine.apt_get(installs="exit 100")
    machine.playwright(downloads=machine.brings(machine.downloaded))
    assert machine.ensure(is_root=True) == machine.downloaded
    assert machine.calls()[-1] == "python -m playwright install chromium --with-deps"


def test_where_none_can_be_had_one_sentence_says_what_to_do(machine: Machine) -> None:
    machine.apt_get(installs="exit 100")
    with pytest.raises(SetupError, match="no Chromium could be found or installed: install one"):
        machine.ensure(is_root=True)


def test_a_download_that_lacks_system_libraries_is_told_as_that(machine: Machine) -> None:
    machine.playwright(downloads="exit 0")
    with pytest.raises(SetupError, match="playwright install-deps chromium"):
        machine.ensure()
