"""The table's boxes and buttons in a real browser, by hand and by keyboard."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.leaders import FAILED, Leader, crowd
from tests.tables import Journey, row, toggle

pytestmark = [pytest.mark.e2e]

DESK: ViewportSize = {"width": 1366, "height": 768}


def test_ticks_on_two_pages_are_sent_together_and_the_rest_stays(
    leader: Leader, page: Page
) -> None:
    leader.bring(*crowd(2_200_000_011, 60, FAILED))
    leader.enter(page, "/referidos/?orden=nombre")
    journey = Journey(page)
    expect(page.locator("#refresh_ticked")).to_be_hidden()
    page.get_by_label("Marcar a Persona 001").check()
    page.get_by_label("Marcar a Persona 003").check()
    page.get_by_role("link", name="Siguiente").click()
    page.get_by_label("Marcar a Persona 060").check()
    page.locator("#sort_nombre").click()
    expect(page.locator("th[aria-sort=descending]")).to_be_visible()
    expect(page.get_by_label("Marcar a Persona 060")).to_be_checked()

    page.get_by_role("button", name="Volver a consultar 3 marcados").click()
    expect(page.locator("#toasts")).to_contain_text("volvemos a consultar a 3 personas")
    expect(row(page, "Persona 060")).to_contain_text("En espera")
    expect(page.locator("#bulk_title")).to_be_focused()
    expect(page.locator("#refresh_all")).to_have_text(re.compile("los 57 que fallaron"))
    pending = {cedula for cedula, status in leader.statuses().items() if status == "PENDING"}
    assert pending == {"2200000011", "2200000211", "2200005911"}
    assert journey.navigations == 0


def test_all_boxes_of_a_page_are_ticked_at_once_and_can_be_put_away(
    mixed: Leader, page: Page
) -> None:
    mixed.enter(page)
    everything = page.get_by_label("Marcar los de esta página que fallaron")
    everything.check()
    expect(page.get_by_role("button", name="Volver a consultar 3 marcados")).to_be_visible()
    page.get_by_label("Marcar a Ana Gil").uncheck()
    assert everything.evaluate("box => box.indeterminate")
    page.get_by_role("button", name="Quitar marcas").click()

    expect(page.locator("tbody input:checked")).to_have_count(0)
    expect(page.locator("#refresh_ticked")).to_be_hidden()
    expect(everything).to_be_focused()


def test_the_progress_survives_a_reload_and_another_device_and_can_be_called_off(
    mixed: Leader, page: Page, browser: Browser
) -> None:
    mixed.enter(page)
    page.locator("#refresh_all").click()
    progress = page.locator("#bulk_progress")
    expect(progress).to_contain_text("Volviendo a consultar a 3 personas")
    page.reload()
    expect(progress).to_contain_text("3 en camino")
    with browser.new_context(locale="es-CO") as context:
        elsewhere = context.new_page()
        mixed.enter(elsewhere, "/referidos/?estado=encontrados")
        expect(elsewhere.locator("#bulk_progress")).to_contain_text("3 en camino")

    page.get_by_role("button", name="Cancelar lo que falta").click()
    expect(progress).to_contain_text("Cancelaste el pedido de 3 personas")
    expect(page.locator("#bulk_title")).to_be_focused()
    expect(row(page, "Ana Gil")).to_contain_text("No respondió")
    page.get_by_role("button", name="Ocultar este aviso").click()
    expect(progress).to_be_empty()
    expect(page.get_by_role("table")).to_be_focused()


def test_the_table_is_used_with_the_keyboard_alone(mixed: Leader, page: Page) -> None:
    page.set_viewport_size(DESK)
    mixed.enter(page, "/referidos/?orden=nombre")
    page.locator("#refresh_all").focus()
    keyboard = page.keyboard

    def tab_to(target: Locator) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"never reached: {target}")

    tab_to(page.get_by_label("Marcar a Ana Gil"))
    keyboard.press("Space")
    tab_to(toggle(page, "Ana Gil"))
    keyboard.press("Enter")
    expect(page.locator(".details")).to_contain_text("tardó demasiado")
    expect(toggle(page, "Ana Gil")).to_be_focused()
    tab_to(page.get_by_role("button", name="Reintentar con Beto Gil"))
    keyboard.press("Enter")
    expect(row(page, "Beto Gil")).to_contain_text("En espera")
    expect(toggle(page, "Beto Gil")).to_be_focused()

    page.locator("#sort_nombre").focus()
    keyboard.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_be_visible()
    expect(page.locator("#sort_nombre")).to_be_focused()
    expect(page.get_by_label("Marcar a Ana Gil")).to_be_checked()
    page.get_by_label("Marcar a Caro Paz").focus()
    keyboard.press("Space")
    page.get_by_role("button", name="Volver a consultar 2 marcados").focus()
    keyboard.press("Enter")
    expect(page.locator("#bulk_progress")).to_contain_text("Volviendo a consultar a 2 personas")
    expect(page.locator("#bulk_title")).to_be_focused()


def test_too_soon_a_toast_says_how_many_seconds_are_left(mixed: Leader, page: Page) -> None:
    mixed.enter(page)
    page.get_by_role("button", name="Reintentar con Ana Gil").click()
    expect(row(page, "Ana Gil")).to_contain_text("En espera")
    ana = next(cedula for cedula, status in mixed.statuses().items() if status == "PENDING")
    mixed.change(ana, **FAILED)
    page.reload()

    again = page.get_by_role("button", name="Reintentar con Ana Gil")
    again.click()
    expect(page.locator("#toasts")).to_contain_text(re.compile(r"Espera \d+ segundos?"))
    expect(again).to_be_focused()
