"""Files, functions and folders that grow too large are told by `make check`."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import sizes

Project = Callable[[dict[str, str]], list[str]]


@pytest.fixture
def told(tmp_path: Path) -> Project:
    """Write these files into a project, and return what is told of it."""

    def _told(files: dict[str, str]) -> list[str]:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return list(sizes.problems(tmp_path))

    return _told


def function(lines: int, above: str = "") -> str:
    """A decorated function of so many lines from `def` on, its docstring of three not counted."""
    body = "x = 1\n" * (lines - 1)
    docstring = '"""One.\n\nTwo."""\n'
    return f"{above}@cache\ndef f():\n" + textwrap.indent(docstring + body, "    ")


def test_a_file_may_have_300_lines_and_a_test_500(told: Project) -> None:
    long = {"accounts/a.py": "x = 1\n" * 301, "tests/unit/test_b.py": "x = 1\n" * 501}
    assert told({"census/a.py": "x = 1\n" * 300, "tests/b.py": "x = 1\n" * 500, **long}) == [
        "accounts/a.py has 301 lines, 300 at most: split it, or say why",
        "tests/unit/test_b.py has 501 lines, 500 at most: split it, or say why",
    ]


def test_a_reason_below_the_docstring_allows_more_and_is_told_when_it_is_not_needed(
    told: Project,
) -> None:
    reason = '"""A file."""\n\n# size: one table\n'
    assert told({"config/a.py": reason + "x = 1\n" * 400, "config/b.py": reason}) == [
        "config/b.py has 3 lines and needs no reason any more"
    ]
    assert told({"config/b.py": "x = 1\n" * 300 + "# size: said too late\n"})


def test_a_function_may_have_30_lines_without_its_docstring(told: Project) -> None:
    reason = "# size: one table\n"
    files = {"scraper/a.py": function(30), "scraper/b.py": function(31, above=reason)}
    assert told(files) == []
    files = {"scraper/a.py": function(31), "scraper/b.py": function(30, above=reason)}
    assert told(files) == [
        "scraper/a.py:2: f() has 31 lines, 30 at most: split it, or say why",
        "scraper/b.py:3: f() has 30 lines and needs no reason any more",
    ]


def test_a_folder_may_have_20_modules_beside_its_init(told: Project) -> None:
    files = {f"census/deep/m{number}.py": "" for number in range(20)}
    files |= {f"census/migrations/{number:04}.py": "" for number in range(30)}
    assert told({**files, "census/deep/__init__.py": ""}) == []
    assert told({"census/deep/one_more.py": ""}) == [
        "census/deep/ has 21 modules at one level, 20 at most: group some"
    ]
