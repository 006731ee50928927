"""Write .env.example and docs/settings.md from the declarations of the settings.

`python -m tools.settings_docs` writes them; with `--check` it says whether they are up to date.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Sequence
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

from config.environment import declarations
from config.environment.declarations import GROUPS, SETTINGS
from config.environment.setting import Group, Setting

ROOT = Path(__file__).resolve().parent.parent

MADE_BY = "Made from config/environment/declarations.py by `python -m tools.settings_docs`"
EXAMPLE = f"""\
Every setting. Copy this file to .env beside manage.py, or set variables in the environment, which \
wins over .env. A line that is commented out shows the default, or an example where there is none. \
A value that makes no sense stops the start with a sentence that names the variable. {MADE_BY}."""
PAGE = """\
Read from the environment, or from a `.env` file beside `manage.py`; the environment wins. All are \
optional but `SECRET_KEY` where DEBUG is off, and an empty variable counts as not set. A value \
that makes no sense stops the start with a sentence that names the variable. \
[.env.example](../.env.example) lists every setting, to be copied."""
FILES = """\
A secret may stand in a file instead of the environment, as Docker and systemd hand over \
credentials. A variable that ends in `_FILE` names the file: {}. A variable and its file together \
are refused."""

_wrapped = partial(textwrap.fill, break_long_words=False, break_on_hyphens=False)
_paragraph = partial(_wrapped, width=120)
_comment = partial(_wrapped, width=100, initial_indent="# ", subsequent_indent="# ")


def documents() -> dict[Path, str]:
    """Return the text of each file that is made from the declarations."""
    return {ROOT / ".env.example": env_example(), ROOT / "docs" / "settings.md": settings_page()}


@cache
def meanings() -> dict[str, str]:
    """Return the docstring of each setting, by its name. Exits where one has none."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(inspect.getsource(declarations))):
        for declared, after in pairwise(node.body if isinstance(node, ast.ClassDef) else []):
            if isinstance(declared, ast.Assign) and isinstance(after, ast.Expr):
                text: str = ast.literal_eval(after.value)
                found[ast.unparse(declared.targets[0])] = " ".join(text.split())
    for setting in SETTINGS:
        if setting.name not in found:
            sys.exit(f"{setting.name} has no docstring in config/environment/declarations.py.")
    return found


def described(group: type[Group]) -> tuple[str, str]:
    """Return the heading of a group, and what holds for all of its settings ('': nothing)."""
    heading, _, note = (group.__doc__ or "").partition("\n")
    return heading.removesuffix("."), " ".join(note.split())


def env_example() -> str:
    lines = [_comment(EXAMPLE), ""]
    for group in GROUPS:
        heading, note = described(group)
        lines += [f"# --- {heading}", "", *([_comment(note), ""] if note else [])]
        for setting in group.settings():
            lines.append(_comment(f"{meanings()[setting.name]} [{setting.kind.accepts}]"))
            lines.append(f"#{setting.name}={setting.default or setting.example}")
            if setting.secret:
                lines.append(f"#{setting.name}_FILE=/run/secrets/{setting.name.lower()}")
        lines.append("")
    return "\n".join(lines)


def settings_page() -> str:
    *files, last = (f"`{setting.name}_FILE`" for setting in SETTINGS if setting.secret)
    files_named = FILES.format(f"{', '.join(files)} and {last}")
    lines = [f"<!-- {MADE_BY}. -->", "", "# Settings", ""]
    lines += [_paragraph(PAGE), "", _paragraph(files_named), ""]
    for group in GROUPS:
        heading, note = described(group)
        lines += [f"## {heading}", "", *([_paragraph(_linked(note)), ""] if note else [])]
        lines += ["| variable | default | values | meaning |", "|---|---|---|---|"]
        lines += [*map(_row, group.settings()), ""]
    return "\n".join(lines)


def _row(setting: Setting[object]) -> str:
    default = f"`{setting.default}`" if setting.default else setting.unset
    if setting.in_debug:
        default += f"; `{setting.in_debug}` where DEBUG is on"
    meaning = _linked(meanings()[setting.name])
    return f"| `{setting.name}` | {default} | {setting.kind.accepts} | {meaning} |"


def _linked(text: str) -> str:
    """Make links of the documents that the text names, as seen from docs/."""
    text = re.sub(r"\bdocs/(\w+\.md)", r"[docs/\1](\1)", text)
    return text.replace("README.md", "[README.md](../README.md)")


def main(arguments: Sequence[str]) -> int:
    """Write the files; with --check write nothing, and return 1 where one is stale."""
    status = 0
    for path, text in documents().items():
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)} is stale: run `python -m tools.settings_docs`.")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
