"""`tools.markdown` finds long lines, dead links and missing files in the documents."""

import re
from pathlib import Path

import pytest

from tools.markdown import WIDTH, main, mistakes

LONG = "word " * 30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "checks.py").touch()
    (tmp_path / "docs" / "guide.md").write_text(
        "# The guide\n\n## What `check` says\n\n## Notes\n\n## Notes\n", encoding="utf-8"
    )
    return tmp_path


def told(root: Path, text: str, name: str = "README.md") -> list[str]:
    document = root / name
    document.write_text(text, encoding="utf-8")
    return list(mistakes(document, root))


def test_a_line_that_is_too_long_is_named_by_file_number_and_length(root: Path) -> None:
    text = f"{'a ' * (WIDTH // 2)}\n{'b ' * (WIDTH // 2)}b\n"

    assert told(root, text, "docs/other.md") == ["docs/other.md:2: 121 characters, of 120"]


@pytest.mark.parametrize(
    "text",
    [
        f"| {LONG} |",
        f"```\n{LONG}\n```",
        f"* https://example.org/{'a' * 120}",
        f"[{LONG}](docs/guide.md).",
        f'<img src="docs/guide.md" alt="{LONG}">',
    ],
    ids=["table", "code block", "address", "link", "picture"],
)
def test_what_cannot_be_wrapped_may_be_long(root: Path, text: str) -> None:
    assert told(root, text) == []


def test_a_link_with_words_around_it_is_wrapped(root: Path) -> None:
    assert len(told(root, f"See [{LONG}](docs/guide.md) for it.")) == 1


@pytest.mark.parametrize(
    "target",
    [
        "docs/guide.md",
        "docs/guide.md#the-guide",
        "docs/guide.md#what-check-says",
        "docs/guide.md#notes-1",
        "docs",
        "#here",
        "https://example.org/nothing",
    ],
)
def test_a_link_to_what_exists_passes(root: Path, target: str) -> None:
    assert told(root, f"# Here\n\n[text]({target})") == []


@pytest.mark.parametrize(
    "text",
    [
        "[text](docs/guia.md)",
        "its text\nis wrapped](docs/guia.md)",
        "[text](docs/guide.md#notes-2)",
        "[text](#there)",
        "![text](docs/img/home.png)",
        '<img src="docs/img/home.png" alt="">',
    ],
)
def test_a_link_that_leads_nowhere_is_told(root: Path, text: str) -> None:
    [mistake] = told(root, f"# Here\n\n{text}")

    assert re.match(r"README\.md:[34]: the link to \S+ leads nowhere", mistake)


def test_a_file_that_is_named_must_exist(root: Path) -> None:
    text = "`tools/checks.py`, `tools/ch*.py`, `make/it/so`, `tools/nothing.py`"

    assert told(root, text) == ["README.md:1: there is no tools/nothing.py"]
    assert told(root, text, "CHANGELOG.md") == []


def test_examples_of_code_are_not_read(root: Path) -> None:
    assert told(root, "`[text](nowhere.md)`\n\n```\n[text](nowhere.md)\n# a comment\n```") == []


def test_the_command_fails_where_a_document_has_a_mistake(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(root) == 0
    (root / "docs" / "guide.md").write_text("[text](nowhere.md)", encoding="utf-8")
    assert main(root) == 1
    assert capsys.readouterr().out.endswith(
        "docs/guide.md:1: the link to nowhere.md leads nowhere\n"
    )
