""".env.example and docs/settings.md are made from the declarations of the settings."""

import re
from pathlib import Path

import pytest

from config.environment.declarations import GROUPS, SETTINGS
from config.environment.kinds import TEXT
from config.environment.setting import Group, Setting
from tools import settings_docs


def test_both_files_are_as_the_declarations_make_them() -> None:
    assert settings_docs.main(["--check"]) == 0


def test_a_stale_file_is_named_and_then_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings_docs, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / ".env.example").write_text("DEBUG=maybe\n", encoding="utf-8")

    assert settings_docs.main(["--check"]) == 1
    stale = capsys.readouterr().out.splitlines()
    assert [line.split(" is stale", 1)[0] for line in stale] == [".env.example", "docs/settings.md"]
    assert settings_docs.main([]) == 0
    assert settings_docs.main(["--check"]) == 0


def test_both_tell_of_every_variable_once_and_in_the_same_order() -> None:
    example, page = settings_docs.documents().values()
    variables = [name for setting in SETTINGS for name in setting.variables]
    assert re.findall(r"^#([A-Z_0-9]+)=", example, re.MULTILINE) == variables
    rows = re.findall(r"^\| `([A-Z_0-9]+)` \|(.*)\|$", page, re.MULTILINE)
    assert [name for name, _ in rows] == [setting.name for setting in SETTINGS]
    assert all(cells.count(" | ") == 2 for _, cells in rows)  # no text breaks its row


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_group_has_a_heading(group: type[Group]) -> None:
    heading, _ = settings_docs.described(group)
    assert heading


def test_a_setting_without_a_docstring_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten = Setting(TEXT, wrong="")
    forgotten.name = "FORGOTTEN"
    monkeypatch.setattr(settings_docs, "SETTINGS", [*SETTINGS, forgotten])
    settings_docs.meanings.cache_clear()
    with pytest.raises(SystemExit, match=r"^FORGOTTEN has no docstring"):
        settings_docs.main(["--check"])
