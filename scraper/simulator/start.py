"""The start page: the census pages, the magic numbers, the settings in force."""

from collections.abc import Iterable
from html import escape

from scraper.simulator import twocaptcha
from scraper.simulator.outcomes import ROWS
from scraper.simulator.pages import Markup, render
from scraper.simulator.shapes import SHAPES
from scraper.simulator.state import State
from scraper.simulator.wire import Reply, Request, html

EXAMPLE_BASE = 9_000_000_000
"""No cédula has been issued near this number, so the examples belong to nobody."""


def page(request: Request, state: State) -> Reply:
    settings = state.settings.as_json()
    links = (
        f'<li><a href="{shape.path}">Página del censo, forma {shape.name}</a></li>'
        for shape in SHAPES.values()
    )
    return html(
        render(
            "start.html",
            shapes=Markup("\n".join(links)),
            numbers=_rows(
                (f"{row.ending:02d}", str(EXAMPLE_BASE + row.ending), row.meaning) for row in ROWS
            ),
            plain_example=str(EXAMPLE_BASE + 1),
            keys=_rows(twocaptcha.KEYS),
            settings=_rows((name, _shown(value)) for name, value in settings.items()),
        )
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "sí" if value else "no"
    return f"{value:g} s" if isinstance(value, float) else str(value)


def _rows(rows: Iterable[tuple[str, ...]]) -> Markup:
    """Return table rows; the first cell of each is its header."""
    lines = []
    for first, *others in rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
        lines.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    return Markup("\n".join(lines))
