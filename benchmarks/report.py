"""The output of `make bench`: docs/benchmarks.md with its tables, and plots as SVG files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from benchmarks.document import by_hand, wrapped

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "benchmarks.md"
PLOTS = ROOT / "docs" / "img" / "benchmarks"

Cell = str | int | float


@dataclass(frozen=True)
class Table:
    """Rows under these columns; a float is shown with three significant digits."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def markdown(self) -> str:
        lines = [self.columns, ["---"] + ["---:"] * (len(self.columns) - 1), *self.rows]
        return "\n".join(f"| {' | '.join(map(shown, line))} |" for line in lines)


@dataclass(frozen=True)
class Plot:
    """Lines by their names, each of points (x, y)."""

    name: str
    """The file's name without its ending, and the picture's alternative text."""
    x_label: str
    y_label: str
    lines: Mapping[str, Sequence[tuple[float, float]]]

    def draw(self, folder: Path) -> Path:
        figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
        for label, points in self.lines.items():
            axes.plot(*zip(*points, strict=True), marker="o", label=label)
        axes.set_xlabel(self.x_label)
        axes.set_ylabel(self.y_label)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend()
        return saved(figure, folder / f"{self.name}.svg")


@dataclass(frozen=True)
class Bars:
    """A horizontal bar for each name and series, from the first name down."""

    name: str
    """The same as a plot's."""
    x_label: str
    series: Mapping[str, Mapping[str, float]]
    """{series: {name: length}}; the same names in each."""
    limit: float
    """Drawn as a line: the bars should stay below it."""

    def draw(self, folder: Path) -> Path:
        names = list(next(iter(self.series.values())))
        thickness = 0.8 / len(self.series)
        figure, axes = plt.subplots(figsize=(7, 1 + 0.35 * len(names)), layout="constrained")
        for number, (label, lengths) in enumerate(self.series.items()):
            heights = [at + (number + 0.5) * thickness - 0.4 for at in range(len(names))]
            axes.barh(heights, [lengths[name] for name in names], thickness, label=label)
        axes.axvline(self.limit, color="black", linestyle="--", linewidth=1)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlabel(self.x_label)
        axes.grid(axis="x", alpha=0.3)
        axes.set_axisbelow(True)
        figure.legend(loc="outside upper center", ncols=len(self.series))
        return saved(figure, folder / f"{self.name}.svg")


@dataclass(frozen=True)
class Section:
    """One chapter of the report: how it was measured, and the figures."""

    title: str
    method: str
    parts: Sequence[Table | Plot | Bars | str] = field(default_factory=list)

    def markdown(self, folder: Path) -> str:
        shown_parts = [
            f"![{part.name.replace('-', ' ')}](img/benchmarks/{part.draw(folder).name})"
            if isinstance(part, Plot | Bars)
            else wrapped(part)
            if isinstance(part, str)
            else part.markdown()
            for part in self.parts
        ]
        return "\n\n".join([f"## {self.title}", wrapped(self.method), *shown_parts])


def saved(figure: Figure, file: Path) -> Path:
    """Write the figure into `file`, the same bytes for the same figure; return `file`."""
    mpl.rcParams["svg.hashsalt"] = file.stem
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
    return file


def shown(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if abs(cell) >= 1000 else f"{cell:.3g}"
    return str(cell)


def write(preface: str, sections: Iterable[Section]) -> None:
    """Replace docs/benchmarks.md and its plots; the section written by hand stays."""
    PLOTS.mkdir(parents=True, exist_ok=True)
    for old in PLOTS.glob("*.svg"):
        old.unlink()
    texts = [section.markdown(PLOTS) for section in sections]
    kept = by_hand(DOCUMENT.read_text(encoding="utf-8")) if DOCUMENT.exists() else ""
    document = "\n\n".join(["# Benchmarks", wrapped(preface), *texts, kept]).rstrip()
    DOCUMENT.write_text(f"{document}\n", encoding="utf-8")


def show(section: Section) -> None:
    """Print the section on the terminal."""
    print(f"{section.title}\n{section.method}\n")
    for part in section.parts:
        if isinstance(part, Table):
            for row in (part.columns, *part.rows):
                print("  ".join(f"{shown(cell):<16}" for cell in row).rstrip())
        elif isinstance(part, str):
            print(part)
        print(flush=True)
