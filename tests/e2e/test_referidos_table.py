"""A leader's table in a real browser: filtered, sorted, opened, at every width, without scripts."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.leaders import FAILED, PLACE, Leader, crowd
from tests.tables import Journey, names, rows, toggle

pytestmark = [pytest.mark.e2e]

WIDTHS = (360, 390, 767, 768, 991, 992, 1024, 1151, 1366)


def test_tabs_search_and_sorting_swap_the_table_and_the_address_without_a_reload(
    mixed: Leader, page: Page
) -> None:
    mixed.enter(page)
    journey = Journey(page)

    page.get_by_role("link", name=re.compile("Errores")).click()
    expect(rows(page)).to_have_count(3)
    page.locator("#sort_nombre").click()
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("searchbox").press_sequentially("gil", delay=10)
    expect(rows(page)).to_have_count(2)
    assert names(page) == ["Ana Gil", "Beto Gil"]
    assert page.url.endswith("/referidos/?q=gil&estado=errores&orden=nombre")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("Tus referidos, del 1 al 2 de 2")
    page.get_by_role("searchbox").fill("zzz")
    expect(page.locator("#announcer")).to_have_text("Nadie coincide")
    page.get_by_role("searchbox").fill("")
    expect(rows(page)).to_have_count(3)
    assert page.url.endswith("/referidos/?estado=errores&orden=nombre")
    page.locator("svg.share-bar a").first.click()
    expect(page.locator("#tab_encontrados")).to_have_attribute("aria-current", "true")
    expect(rows(page)).to_have_count(2)

    assert journey.navigations == 0


def test_the_back_button_restores_tab_order_page_and_search_box(leader: Leader, page: Page) -> None:
    leader.bring(*crowd(2_100_000_011, 60, FAILED))
    leader.enter(page, "/referidos/?estado=errores&orden=nombre")
    journey = Journey(page)
    page.get_by_role("link", name="Siguiente").click()
    expect(rows(page)).to_have_count(10)
    page.get_by_role("searchbox").fill("persona 001")
    expect(rows(page)).to_have_count(1)
    page.locator("#show_everybody, #tab_todos").first.click()
    expect(page.locator("#tab_todos")).to_have_attribute("aria-current", "true")

    page.go_back()
    expect(page.locator("#tab_errores")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("searchbox")).to_have_value("persona 001")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(rows(page)).to_have_count(10)
    page.go_back()
    expect(rows(page)).to_have_count(50)
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Nombre")
    page.go_forward()
    expect(rows(page)).to_have_count(10)

    assert journey.navigations == 0
    page.locator("#refresh_all").click()  # toasts are still seen, and the page still answers
    expect(page.locator("#toasts")).to_contain_text("volvemos a consultar a 60 personas")


def test_what_is_open_stays_open_with_its_details(mixed: Leader, page: Page) -> None:
    mixed.enter(page)
    expect(toggle(page, "Dora Rey")).to_have_attribute("aria-expanded", "false")
    for name in ("Dora Rey", "Fabio Sanz", "Caro Paz"):
        toggle(page, name).click()
    details = page.locator(".detail:not([hidden]) .details")
    expect(details).to_have_count(3)
    expect(details.filter(has_text="CALLE 45 # 23-12")).to_have_count(1)
    expect(page.get_by_role("link", name="Ver en el mapa")).to_have_attribute(
        "href", re.compile(r"google\.com/maps.*ESPERANZA")
    )

    page.locator("#sort_nombre").click()
    expect(page.locator("th[aria-sort=ascending]")).to_be_visible()
    expect(details).to_have_count(3)
    for name in ("Dora Rey", "Fabio Sanz", "Caro Paz"):
        opened = toggle(page, name)
        expect(opened).to_have_attribute("aria-expanded", "true")
        controlled = page.locator(f"#{opened.get_attribute('aria-controls')}")
        expect(controlled.locator(".details")).to_be_visible()
    page.get_by_role("link", name=re.compile("Cancelados")).click()
    expect(details).to_have_count(1)

    toggle(page, "Fabio Sanz").click()
    expect(details).to_have_count(0)
    page.get_by_role("link", name=re.compile("Todos")).click()
    expect(details).to_have_count(2)


def test_the_next_page_begins_where_its_rows_begin(leader: Leader, page: Page) -> None:
    leader.bring(*crowd(2_300_000_011, 55, PLACE))
    leader.enter(page, "/referidos/?orden=nombre")
    page.get_by_role("link", name="Siguiente").focus()
    page.keyboard.press("Enter")

    expect(rows(page)).to_have_count(5)
    expect(page.get_by_role("table")).to_be_focused()
    expect(rows(page).first).to_be_in_viewport()


def test_no_width_scrolls_the_page_sideways(mixed: Leader, page: Page) -> None:
    wide = "INSTITUCIÓN EDUCATIVA TÉCNICA NUESTRA SEÑORA DEL ROSARIO SEDE PRINCIPAL"
    place = PLACE | {"puesto": wide, "municipio": "SAN SEBASTIÁN DE BUENAVISTA"}
    mixed.bring(
        (f"{int(mixed.cedula) + 7}", "María del Pilar " * 9 + "Arias", place),
        (f"{int(mixed.cedula) + 8}", "Wolfeschlegelsteinhausenbergerdorff" * 4, FAILED),
    )
    mixed.enter(page)
    toggle(page, "Dora Rey").click()
    expect(page.locator(".details")).to_be_visible()
    page.get_by_label("Marcar a Ana Gil").check()

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        frame, table, whole = page.evaluate(
            "[document.querySelector('.table-frame').clientWidth,"
            " document.querySelector('table.referidos').scrollWidth,"
            " document.documentElement.scrollWidth]"
        )
        assert table <= frame, width
        assert whole <= width


def test_a_phone_shows_the_first_row_without_scrolling(mixed: Leader, page: Page) -> None:
    mixed.enter(page)

    box = rows(page).first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 700


def test_without_javascript_all_of_it_works_as_plain_pages(mixed: Leader, browser: Browser) -> None:
    with browser.new_context(java_script_enabled=False, locale="es-CO") as context:
        page = context.new_page()
        mixed.bring(*crowd(2_600_000_011, 60, PLACE))
        mixed.enter(page)
        page.get_by_role("link", name="Siguiente").click()
        expect(page.locator(".pager__where")).to_have_text("51 a 68 de 68")
        page.get_by_role("link", name=re.compile("Errores")).click()
        page.locator("#sort_nombre").click()
        assert names(page) == ["Ana Gil", "Beto Gil", "Caro Paz"]
        assert page.url.endswith("/referidos/?estado=errores&orden=nombre")
        page.get_by_role("searchbox").fill("gil")
        page.get_by_role("button", name="Buscar").click()
        assert names(page) == ["Ana Gil", "Beto Gil"]

        page.get_by_label("Marcar a Ana Gil").check()
        page.get_by_role("button", name="Volver a consultar los marcados").click()
        expect(page.locator("#toasts")).to_contain_text("volvemos a consultar a 1 persona.")
        assert names(page) == ["Beto Gil"]  # the same list, which Ana has left
        page.get_by_role("button", name="Reintentar con Beto Gil").click()
        expect(page.locator("#toasts")).to_contain_text("volvimos a pedir el puesto")
        assert page.url.endswith("/referidos/?q=gil&estado=errores&orden=nombre")
        page.get_by_role("button", name="Cancelar lo que falta").click()
        expect(page.locator("#toasts")).to_contain_text("1 consulta salió de la fila")
        assert names(page) == ["Ana Gil"]
        page.get_by_role("link", name="Ana Gil").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ana Gil")
        page.get_by_role("button", name="Reintentar").click()
        expect(page.locator("#toasts")).to_contain_text("Espera")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ana Gil")
        page.get_by_role("link", name="Tus referidos").click()
        expect(page.locator(".toggle").first).to_be_hidden()
