"""The pages about referidos as axe sees them: on a phone and a desk, in light and dark."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.accessibility import violations
from tests.leaders import FAILED, NOVEDAD, PLACE, Leader, crowd
from tests.stack import Stack, running_stack
from tests.tables import toggle

pytestmark = [pytest.mark.e2e]

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1366, "height": 768}
WAITS = {"status": "PENDING", "attempts": 1, "error_kind": "SiteTimeout"}


@dataclass(frozen=True)
class People:
    """The people who enter: with referidos in every state, with none, and without leading."""

    busy: Leader
    alone: Leader
    plain: Leader


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with running_stack(tmp_path_factory.mktemp("access")) as stack:
        stack.start_web()
        yield made(stack)


def made(stack: Stack) -> People:
    people = People(*(Leader(stack, f"20000000{number}1") for number in (1, 2, 3)))
    states: list[dict[str, Any] | None] = [
        FAILED,
        WAITS,
        NOVEDAD,
        {"status": "NOT_FOUND"},
        {"status": "PROCESSING"},
        None,
    ]
    people.busy.bring(
        *((f"20000001{i}1", f"Ana Gil {i}", state) for i, state in enumerate(states)),
        *crowd(2_100_000_011, 70, PLACE),
    )
    people.alone.bring()
    people.plain.bring(*crowd(2_200_000_011, 60, PLACE), role="USER")
    return people


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wrong_with_them(
    people: People, browser: Browser, size: ViewportSize, scheme: str
) -> None:
    with browser.new_context(viewport=size, locale="es-CO", color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        found = {name: violations(page) for name in shown(people, page)}

    assert {name: breaches for name, breaches in found.items() if breaches} == {}


def shown(people: People, page: Page) -> Iterator[str]:
    """The names of the pages, each while it is shown."""
    people.busy.enter(page, "/referidos/?orden=-nombre&pagina=2")
    yield "the table"
    toggle(page, "Ana Gil 2").click()
    toggle(page, "Persona 001").click()
    expect(page.locator(".details")).to_have_count(2)
    page.get_by_label("Marcar a Ana Gil 0").check()
    yield "details open, one ticked"
    page.get_by_role("link", name="Persona 001", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Persona 001")
    yield "a referido's profile"
    page.goto(f"{people.busy.site.web_url}/referidos/?q=zzz")
    yield "nobody matches"
    page.goto(f"{people.busy.site.web_url}/referidos/?estado=errores")
    page.locator("#refresh_all").click()
    expect(page.locator("#bulk_progress")).to_contain_text("1 en camino")
    yield "the progress of many"
    page.get_by_role("button", name="Cancelar lo que falta").click()
    expect(page.locator("#bulk_progress")).to_contain_text("Cancelaste")
    yield "called off"
    people.busy.change("2000000101", **FAILED, refresh_requested_at=None)
    page.get_by_role("button", name="Ocultar este aviso").click()
    expect(page.locator("#bulk_progress")).to_be_empty()
    for name, leader in (("nobody yet", people.alone), ("names only", people.plain)):
        page.get_by_role("button", name="Salir").click()
        leader.enter(page)
        yield name
