"""Write .env.example and docs/settings.md from the declarations of the settings.

`python -m tools.settings_docs` writes them; with `--check` it says whether they are up to date.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from config.environment import declarations
from config.environment.declarations import GROUPS, SETTINGS
from config.environment.setting import Group, Setting

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 100

MADE_BY = "Made from config/environment/declarations.py by `python -m tools.settings_docs`"

EXAMPLE = f"""\
# Every setting. Copy this file to .env beside manage.py, or set variables in the environment, which
# wins over .env. A line that is commented out shows the default, or an example where there is none.
# A value that makes no sense stops the start with a sentence that names the variable.
# {MADE_BY}.
"""

INTRODUCTION = """
Read from the environment, or from a `.env` file beside `manage.py`; the environment wins. All are
optional but `SECRET_KEY` where DEBUG is off, and an empty variable counts as not set. A value that
makes no sense stops the start with a sentence that names the variable.
[.env.example](../.env.example) lists every setting, to be copied.
"""
FILES = """
A secret may stand in a file instead of the environment, as Docker and systemd hand over
credentials. A variable that ends in `_FILE` names the file: {files}. A variable and its file
together are refused.
"""


@cache
def meanings() -> dict[str, str]:
    """Return the docstring of each setting, by its name. Exits where one has none."""
    found: dict[str, str] = {}
    for group in ast.parse(inspect.getsource(declarations)).body:
        for declared, after in pairwise(group.body if isinstance(group, ast.ClassDef) else []):
            match declared, after:
                case (
                    ast.Assign(targets=[ast.Name(id=name)]),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[name] = " ".join(text.split())
    for setting in SETTINGS:
        if setting.name not in found:
            sys.exit(f"{setting.name} has no docstring in {declarations.__file__}.")
    return found


def documents() -> dict[Path, str]:
    """Return the text of each file that is made from the declarations."""
    return {ROOT / ".env.example": env_example(), ROOT / "docs" / "settings.md": settings_page()}


def env_example() -> str:
    return "\n".join([EXAMPLE, *("\n".join(_example_lines(group)) for group in GROUPS)])


def _example_lines(group: type[Group]) -> list[str]:
    heading, note = described(group)
    lines = [f"# --- {heading}", "", *([*_comment(note), ""] if note else [])]
    for setting in group.settings():
        lines += _comment(f"{meanings()[setting.name]} [{setting.kind.accepts}]")
        lines.append(f"#{setting.name}={setting.default or setting.example}")
        if setting.secret:
            lines.append(f"#{setting.name}_FILE=/run/secrets/{setting.name.lower()}")
    return [*lines, ""]


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def settings_page() -> str:
    files = [f"`{setting.name}_FILE`" for setting in SETTINGS if setting.secret]
    listed = f"{', '.join(files[:-1])} and {files[-1]}"
    head = [
        *(f"<!-- {MADE_BY}. -->", "", "# Settings", ""),
        *(_wrapped(INTRODUCTION), ""),
        *(_wrapped(FILES.format(files=listed)), ""),
    ]
    return "\n".join([*head, *(line for group in GROUPS for line in _section(group))])


def _wrapped(text: str) -> str:
    """One paragraph, as wide as documents are."""
    return textwrap.fill(
        " ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False
    )


def _section(group: type[Group]) -> list[str]:
    heading, note = described(group)
    return [
        f"## {heading}",
        "",
        *([_wrapped(_linked(note)), ""] if note else []),
        "| variable | default | values | meaning |",
        "|---|---|---|---|",
        *(_row(setting) for setting in group.settings()),
        "",
    ]


def _row(setting: Setting[object]) -> str:
    cells = (
        f"`{setting.name}`",
        _default(setting),
        setting.kind.accepts,
        _linked(meanings()[setting.name]),
    )
    return f"| {' | '.join(cells)} |"


def _default(setting: Setting[object]) -> str:
    default = f"`{setting.default}`" if setting.default else setting.unset
    return default + (f"; `{setting.in_debug}` where DEBUG is on" if setting.in_debug else "")


def _linked(text: str) -> str:
    """The text with links to the documents that it names, as seen from docs/."""
    text = re.sub(r"\bdocs/(\w+\.md)", r"[docs/\1](\1)", text)
    return re.sub(r"\bREADME\.md", "[README.md](../README.md)", text)


def described(group: type[Group]) -> tuple[str, str]:
    """Return the heading of a group, and what holds for all of its settings ('': nothing)."""
    heading, _, note = (group.__doc__ or "").partition("\n")
    return heading.removesuffix("."), " ".join(note.split())


def main(arguments: Sequence[str]) -> int:
    """Write the files; with --check write nothing, and return 1 where one is stale."""
    stale = [
        path
        for path, text in documents().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" not in arguments:
        for path in stale:
            path.write_text(documents()[path], encoding="utf-8")
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: run `python -m tools.settings_docs`.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
