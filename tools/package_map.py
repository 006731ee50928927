"""Write the list of packages in CONTRIBUTING.md from the first sentence of each one's docstring.

`python -m tools.package_map --write` makes it; `--check` fails where it is not up to date, or where
a package has no docstring.
"""

import argparse
import ast
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "CONTRIBUTING.md"

PACKAGES = ("accounts", "census", "scraper", "config", "tests", "benchmarks", "tools")
"""In the order in which a newcomer meets them."""
DJANGO = frozenset({"migrations", "management", "commands", "templatetags"})
"""Folders that Django names, and whose names say what is in them."""
MIRRORS = (Path("tests/unit"), Path("tests/integration"))
"""Folders whose own folders are named as the product's."""

BEGIN = "<!-- packages: made by `python -m tools.package_map --write` from their docstrings -->"
END = "<!-- /packages -->"
WIDTH = 120


class NoMap(Exception):
    """The list cannot be made; the message is one sentence."""


def rendered(root: Path = ROOT) -> str:
    """Return the list in Markdown, one line or two for each package. Raises NoMap."""
    lines = []
    for package in packages(root):
        name = package.relative_to(root).as_posix()
        indent = "  " * name.count("/")
        lines += textwrap.wrap(
            f"* `{name}/`: {sentence(package)}",
            WIDTH,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def packages(root: Path) -> list[Path]:
    """Return the folders of all packages but Django's, each before those inside it."""
    found = []
    for name in PACKAGES:
        inside = [path.parent for path in (root / name).rglob("__init__.py")]
        found += sorted(path for path in inside if not _explains_itself(path.relative_to(root)))
    return found


def _explains_itself(folder: Path) -> bool:
    return bool(DJANGO & set(folder.parts)) or any(mirror in folder.parents for mirror in MIRRORS)


def sentence(package: Path) -> str:
    """Return the first sentence of the package's docstring. Raises NoMap where it has none."""
    source = (package / "__init__.py").read_text(encoding="utf-8")
    paragraph = (ast.get_docstring(ast.parse(source)) or "").partition("\n\n")[0]
    words = " ".join(paragraph.split())
    if not words:
        name = f"{package.name}/__init__.py"
        raise NoMap(f"{name} has no docstring: say what the package is for.")
    return words.partition(". ")[0].removesuffix(".") + "."


def with_map(document: str, packages_list: str) -> str:
    """Return the document with this list between its two marks. Raises NoMap without marks."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise NoMap(f"{DOCUMENT.name} has lost the marks of the list: `{BEGIN}` and `{END}`.")
    return f"{before}{begin}\n\n{packages_list}\n\n{end}{after}"


def main(arguments: list[str]) -> int:
    """Write the list or check it; return the exit code."""
    parser = argparse.ArgumentParser(description="The list of packages in CONTRIBUTING.md.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true")
    what.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    document = DOCUMENT.read_text(encoding="utf-8")
    try:
        renewed = with_map(document, rendered())
    except NoMap as problem:
        print(problem)
        return 1
    if options.write:
        DOCUMENT.write_text(renewed, encoding="utf-8")
    elif renewed != document:
        print(f"{DOCUMENT.name} lists other packages: `python -m tools.package_map --write`.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
