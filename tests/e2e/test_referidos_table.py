"""A leader's table in a real browser, with nobody at work: every row stays what a test made it."""

import re
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.leaders import FAILED, NOVEDAD, PLACE, Leader, crowd
from tests.stack import Stack, running_stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

DESK: ViewportSize = {"width": 1366, "height": 768}
WIDTHS = (360, 390, 767, 768, 991, 992, 1024, 1151, 1366)
_leaders = count(2_000_000_011, 100)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("table")) as stack:
        stack.start_web()
        yield stack


@pytest.fixture
def leader(site: Stack) -> Leader:
    """A leader of the test's own, who has brought nobody yet."""
    return Leader(site, str(next(_leaders)))


@pytest.fixture
def mixed(leader: Leader) -> Leader:
    """With eight referidos: one in most states, and three that failed."""
    number = int(leader.cedula) - 1_000_000_000
    states = [FAILED, FAILED, FAILED, PLACE, PLACE, NOVEDAD, {"status": "NOT_FOUND"}, None]
    names = ["Ana Gil", "Beto Gil", "Caro Paz", "Dora Rey", "Eva Ríos", "Fabio Sanz", "Gil Toro"]
    people = [
        (f"{number + i}", name, state)
        for i, (name, state) in enumerate(zip([*names, "Hugo Uribe"], states, strict=True))
    ]
    leader.bring(*people)
    return leader


def rows(page: Page) -> Locator:
    return page.locator("tr.referido")


def row(page: Page, name: str) -> Locator:
    return rows(page).filter(has=page.get_by_role("link", name=name, exact=True))


def toggle(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Detalles de {name}")


def names(page: Page) -> list[str]:
    return page.locator("tr.referido > th").all_inner_texts()


class Journey:
    """What a page asked the server for since this was made, and whether it was loaded anew."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.navigations = 0
        self._page = page
        page.on("request", lambda request: self._note(request.url, request.is_navigation_request()))

    def _note(self, url: str, navigates: bool) -> None:  # noqa: FBT001  playwright's answer
        self.requests.append(url)
        self.navigations += navigates

    def polls(self) -> int:
        """How often the page has asked for changes, its requests of this moment included."""
        # A round trip of the page's own: what the clock has set off was sent before it.
        self._page.evaluate("fetch('/politica/').then(answer => answer.text())")
        return sum("/referidos/pending/" in url for url in self.requests)


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


def test_the_next_page_begins_where_its_rows_begin(leader: Leader, page: Page) -> None:
    leader.bring(*crowd(2_300_000_011, 55, PLACE))
    leader.enter(page, "/referidos/?orden=nombre")
    page.get_by_role("link", name="Siguiente").focus()
    page.keyboard.press("Enter")

    expect(rows(page)).to_have_count(5)
    expect(page.get_by_role("table")).to_be_focused()
    expect(rows(page).first).to_be_in_viewport()


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


def test_markup_in_a_name_is_text_in_rows_and_announcements(leader: Leader, page: Page) -> None:
    name = "<img src=x onerror=alert(1)> " + "María de los Ángeles " * 5
    leader.bring(("2400000011", name.strip(), {"status": "PENDING"}))
    page.clock.install()
    leader.enter(page)
    toggle(page, name.strip()).click()
    expect(page.locator(".details")).to_be_visible()

    leader.change("2400000011", **PLACE)
    page.clock.fast_forward(5_000)

    expect(rows(page)).to_contain_text("Encontrado")
    expect(page.locator("#announcer")).to_have_text(f"{name.strip()}: Encontrado.")
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


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


class TestPolls:
    def test_with_nothing_in_flight_on_the_page_there_are_none(
        self, mixed: Leader, page: Page
    ) -> None:
        mixed.bring((f"{int(mixed.cedula) + 9}", "Zoe Vera", {"status": "PENDING"}))
        page.clock.install()
        mixed.enter(page, "/referidos/?estado=encontrados")
        journey = Journey(page)

        page.clock.run_for(60_000)

        assert journey.polls() == 0

    def test_with_something_in_flight_there_is_one_in_five_seconds(
        self, mixed: Leader, page: Page
    ) -> None:
        waiting = f"{int(mixed.cedula) + 9}"
        elsewhere = (f"{int(mixed.cedula) + 10}", "Otto Sanz", {"status": "PENDING"})
        mixed.bring((waiting, "Zoe Vera", {"status": "PENDING"}), elsewhere)
        page.clock.install()
        mixed.enter(page, "/referidos/?q=zoe")
        journey = Journey(page)
        for number in range(1, 4):
            page.clock.run_for(5_000)
            assert journey.polls() == number
        mixed.change(waiting, **PLACE)
        page.clock.run_for(5_000)
        expect(row(page, "Zoe Vera")).to_contain_text("Encontrado")
        assert journey.polls() == 4

        page.clock.run_for(60_000)

        assert journey.polls() == 4

    def test_a_page_that_nobody_sees_does_not_ask(self, mixed: Leader, page: Page) -> None:
        mixed.bring((f"{int(mixed.cedula) + 9}", "Zoe Vera", {"status": "PENDING"}))
        page.clock.install()
        mixed.enter(page)
        journey = Journey(page)
        seen = (
            "Object.defineProperty(document, 'visibilityState', {{ value: '{}', writable: true }})"
        )
        page.evaluate(seen.format("hidden"))
        page.clock.run_for(30_000)
        assert journey.polls() == 0

        page.evaluate("document.visibilityState = 'visible'")
        page.clock.run_for(5_000)
        assert journey.polls() == 1

    def test_who_registers_meanwhile_is_announced_and_moves_nothing(
        self, mixed: Leader, page: Page
    ) -> None:
        number = int(mixed.cedula)
        mixed.bring((f"{number + 9}", "Zoe Vera", {"status": "PENDING"}))
        page.clock.install()
        mixed.enter(page)
        before = names(page)
        new = [(f"{number + i}", f"Nueva {i}", {"status": "PENDING"}) for i in (20, 21, 22)]
        mixed.bring(*new, minutes_ago=0)
        page.clock.fast_forward(5_000)

        news = page.locator("#referidos_news")
        expect(news).to_contain_text("3 nuevos")
        assert names(page) == before
        expect(page.locator("#tab_todos")).to_contain_text("12")
        news.get_by_role("link").focus()
        page.keyboard.press("Enter")
        expect(rows(page)).to_have_count(12)
        expect(news).to_be_empty()
        expect(page.get_by_role("table")).to_be_focused()

    def test_many_changes_at_once_read_the_table_anew_and_keep_what_is_open(
        self, leader: Leader, page: Page
    ) -> None:
        people = crowd(2_500_000_011, 70, {"status": "PENDING"})
        leader.bring(*people)
        page.clock.install()
        leader.enter(page, "/referidos/?orden=nombre&pagina=2")
        journey = Journey(page)
        toggle(page, "Persona 055").click()
        expect(page.locator(".details")).to_contain_text("En la fila")
        leader.change(*[cedula for cedula, _, _ in people], **PLACE)
        page.clock.fast_forward(5_000)

        expect(rows(page).filter(has_text="Encontrado")).to_have_count(20)
        expect(page.locator(".details")).to_contain_text("CALLE 45")
        expect(toggle(page, "Persona 055")).to_be_focused()
        assert page.url.endswith("?orden=nombre&pagina=2")
        assert journey.navigations == 0


def test_a_changed_row_is_a_whole_row_of_the_table(mixed: Leader, page: Page) -> None:
    """Bug: an out-of-band <tr> was lost by the parser, or lost its cells."""
    waiting = f"{int(mixed.cedula) + 9}"
    mixed.bring((waiting, "Zoe Vera", {"status": "PENDING"}))
    page.clock.install()
    mixed.enter(page, "/referidos/?orden=nombre")
    before = page.locator("tbody > tr").count()
    mixed.change(waiting, **PLACE)
    page.clock.fast_forward(5_000)

    changed = row(page, "Zoe Vera")
    expect(changed).to_contain_text("Encontrado")
    assert changed.evaluate("row => row.tagName + ' in ' + row.parentElement.tagName") == (
        "TR in TBODY"
    )
    assert changed.locator("> td, > th").count() == 9
    assert page.locator("tbody > tr").count() == before
    expect(changed.locator(".col-puesto")).to_have_text("IE LA ESPERANZA")


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
