"""Check the Markdown documents: width of lines, links, and the files that they name."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent

WIDTH = 120
"""Characters of a line, so that a diff and a terminal show it whole."""
FOLDERS = "accounts|benchmarks|census|config|docs|scraper|static|templates|tests|tools"

FENCE = re.compile(r"\s*(```|~~~)")
CODE = re.compile(r"`([^`]+)`")
LINK_TARGET = re.compile(r"\]\(([^()\s]+)\)|\b(?:src|href)=\"([^\"]+)\"")
UNBREAKABLE = re.compile(r"\s*([*-] |\d+\. )?(\S+|!?\[[^\]]*\]\(\S+\)[.,;:]?|<[^<>]+>)\s*")
"""A line that is one word, one link or one tag."""
NAMED_FILE = re.compile(rf"({FOLDERS}|deploy(?!/secrets/))/[\w./*-]+")
"""A file that must exist; deploy/secrets is made by the installation."""
HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")


@dataclass(frozen=True)
class Line:
    """A line outside code blocks, with its number from 1."""

    number: int
    text: str


def prose(text: str) -> Iterator[Line]:
    """The lines outside code blocks."""
    in_code = False
    for number, line in enumerate(text.splitlines(), start=1):
        if FENCE.match(line):
            in_code = not in_code
        elif not in_code:
            yield Line(number, line)


def anchors(text: str) -> set[str]:
    """The headings as GitHub names them in links; a repeated one gets -1, then -2."""
    found: set[str] = set()
    for line in prose(text):
        if heading := HEADING.match(line.text):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            anchor = name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            repeated = 0
            while anchor in found:
                repeated += 1
                anchor = f"{name}-{repeated}"
            found.add(anchor)
    return found


def mistakes(document: Path, root: Path = ROOT) -> Iterator[str]:
    """One sentence for each line too long, link that leads nowhere, and missing file."""
    text = document.read_text(encoding="utf-8")
    # What has been released is told in the names of its time.
    names_files = document.name != "CHANGELOG.md"
    for line in prose(text):
        place = f"{document.relative_to(root)}:{line.number}:"
        if is_too_long(line.text):
            yield f"{place} {len(line.text)} characters, of {WIDTH}"
        for target in links(line.text):
            if not leads_somewhere(target, document):
                yield f"{place} the link to {target} leads nowhere"
        for name in CODE.findall(line.text) if names_files else ():
            if NAMED_FILE.fullmatch(name) and not any(root.glob(name)):
                yield f"{place} there is no {name}"


def is_too_long(line: str) -> bool:
    is_table = line.lstrip().startswith("|")
    return len(line) > WIDTH and not is_table and not UNBREAKABLE.fullmatch(line)


def links(line: str) -> Iterator[str]:
    """Relative targets; addresses of other sites are left out."""
    for in_markdown, in_html in LINK_TARGET.findall(CODE.sub("", line)):
        target = in_markdown or in_html
        if not re.match(r"[a-z]+:", target):
            yield target


def leads_somewhere(target: str, document: Path) -> bool:
    """True if the file exists and, where it is Markdown, the heading too."""
    path, _, anchor = unquote(target).partition("#")
    file = document.parent / path if path else document
    if not file.exists():
        return False
    if not anchor or file.suffix != ".md":
        return True
    return anchor in anchors(file.read_text(encoding="utf-8"))


def documents(root: Path = ROOT) -> list[Path]:
    return sorted([*root.glob("*.md"), *root.glob("docs/**/*.md")])


def main(root: Path = ROOT) -> int:
    """Print all mistakes; 1 if there are any."""
    found = [mistake for document in documents(root) for mistake in mistakes(document, root)]
    for mistake in found:
        print(mistake)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
