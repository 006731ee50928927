"""Fail where a file, a function or a folder has grown past the size that is read in one go.

A file or function may be longer for a reason, which stands in a comment `# size: …` right below the
file's docstring, or right above the function.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PRODUCT = ("accounts", "census", "config", "scraper")
CODE = (*PRODUCT, "tools")
"""Files and functions are measured."""
TESTS = ("tests", "benchmarks")
"""Files alone are measured."""

CODE_LINES = 300
TESTS_LINES = 500
FUNCTION_LINES = 30
"""From `def` to the end, without the docstring."""
MODULES = 20
"""In one folder, without its `__init__.py`."""

REASON = "# size: "
Function = ast.FunctionDef | ast.AsyncFunctionDef


def problems(root: Path = ROOT) -> Iterator[str]:
    """Yield one sentence for everything that is too large without a reason."""
    for package in CODE:
        for path in _files(root / package):
            name = path.relative_to(root).as_posix()
            source = path.read_text(encoding="utf-8")
            yield from _file_problems(name, source, CODE_LINES)
            yield from function_problems(name, source)
    for package in TESTS:
        for path in _files(root / package):
            name = path.relative_to(root).as_posix()
            yield from _file_problems(name, path.read_text(encoding="utf-8"), TESTS_LINES)
    for package in PRODUCT:
        yield from folder_problems(root / package, root)


def _files(folder: Path) -> list[Path]:
    """Return the folder's Python files; migrations are written by Django, and never split."""
    return sorted(path for path in folder.rglob("*.py") if path.parent.name != "migrations")


def _file_problems(name: str, source: str, most: int) -> Iterator[str]:
    number = len(source.splitlines())
    has_reason = _has_reason(source)
    if number > most and not has_reason:
        yield f"{name} has {number} lines, {most} at most: split it, or say why"
    if number <= most and has_reason:
        yield f"{name} has {number} lines and needs no reason any more"


def _has_reason(source: str) -> bool:
    """True if the first thing after the module's docstring is a reason, and not a function's."""
    body = ast.parse(source).body
    start = body[0].end_lineno or 0 if body and _is_docstring(body[0]) else 0
    lines = [line for line in source.splitlines()[start:] if line.strip()]
    first, second, *_ = [*lines, "", ""]
    return first.startswith(REASON) and not second.startswith(("@", "def ", "async def "))


def function_problems(name: str, source: str) -> Iterator[str]:
    """Yield one sentence for each function of a module that is too long without a reason."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, Function):
            continue
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        has_reason = first > 1 and lines[first - 2].strip().startswith(REASON)
        number = lines_of(node)
        where = f"{name}:{node.lineno}: {node.name}()"
        if number > FUNCTION_LINES and not has_reason:
            yield f"{where} has {number} lines, {FUNCTION_LINES} at most: split it, or say why"
        if number <= FUNCTION_LINES and has_reason:
            yield f"{where} has {number} lines and needs no reason any more"


def lines_of(function: Function) -> int:
    """Return the function's number of lines, from `def` to its end, without the docstring."""
    number = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if _is_docstring(first):
        number -= (first.end_lineno or 0) - first.lineno + 1
    return number


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def folder_problems(folder: Path, root: Path) -> Iterator[str]:
    """Yield one sentence for each folder below `folder` with too many modules at one level."""
    for package in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        if package.name == "migrations":
            continue
        number = sum(path.name != "__init__.py" for path in package.glob("*.py"))
        if number > MODULES:
            name = package.relative_to(root).as_posix()
            yield f"{name}/ has {number} modules at one level, {MODULES} at most: group some"


def main() -> int:
    """Print the problems; 1 if there are any."""
    found = list(problems())
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
