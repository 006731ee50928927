"""The list of packages in CONTRIBUTING.md is made from their docstrings."""

from pathlib import Path

import pytest

from tools import package_map


def package(root: Path, name: str, docstring: str) -> None:
    (root / name).mkdir(parents=True, exist_ok=True)
    (root / name / "__init__.py").write_text(docstring, encoding="utf-8")


def test_every_package_but_djangos_own_is_listed_with_its_first_sentence(tmp_path: Path) -> None:
    package(tmp_path, "census", '"""Lookups, from `a.py`\non. More."""')
    package(tmp_path, "census/wait", '"""How long it takes\n\nMore."""')
    package(tmp_path, "census/migrations", "")
    (tmp_path / "census/no_package").mkdir()
    assert package_map.rendered(tmp_path) == (
        "* `census/`: Lookups, from `a.py` on.\n  * `census/wait/`: How long it takes."
    )


def test_a_package_without_a_docstring_is_told(tmp_path: Path) -> None:
    package(tmp_path, "tools", "import sys\n")
    with pytest.raises(package_map.NoMap, match=r"^tools/__init__\.py has no docstring"):
        package_map.rendered(tmp_path)


def test_a_list_that_is_not_up_to_date_fails_until_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "CONTRIBUTING.md"
    monkeypatch.setattr(package_map, "DOCUMENT", document)
    document.write_text(f"Before\n{package_map.BEGIN}\nold\n{package_map.END}\nAfter\n", "utf-8")
    assert package_map.main(["--check"]) == 1
    assert "--write" in capsys.readouterr().out
    assert package_map.main(["--write"]) == 0
    assert package_map.main(["--check"]) == 0
    text = document.read_text(encoding="utf-8")
    assert text.startswith("Before\n")
    assert text.endswith("\nAfter\n")
    assert "old" not in text

    document.write_text("no marks\n", "utf-8")
    assert package_map.main(["--check"]) == 1
    assert "has lost the marks" in capsys.readouterr().out
