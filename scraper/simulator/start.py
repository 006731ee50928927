"""The simulator's own start page: what it is, the magic numbers, the settings in force."""

from collections.abc import Iterable
from html import escape

from scraper.simulator import shape_a, shape_b, twocaptcha
from scraper.simulator.outcomes import ROWS
from scraper.simulator.pages import Markup, render
from scraper.simulator.wire import Reply, Request, html
from scraper.simulator.world import World

EXAMPLE_BASE = 9_000_000_000
"""No cédula has been issued near this number: the examples are nobody's."""


def page(request: Request, world: World) -> Reply:
    settings = world.settings.as_json()
    return html(
        render(
            "start.html",
            shape_a=shape_a.PATH,
            shape_b=shape_b.PATH,
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
    """Table rows whose first cell is their header."""
    lines = []
    for first, *others in rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
        lines.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    return Markup("\n".join(lines))
