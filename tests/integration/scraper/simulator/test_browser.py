"""The pages of the simulator in a real Chromium, used as a person would."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from scraper.simulator import Simulator
from scraper.simulator.places import HOSTILE_PLACE, place_for
from scraper.simulator.settings import CaptchaKind
from scraper.simulator.shapes import SHAPES
from tests.browser import BrowserThread
from tests.questions import OTHER_KINDS

FOUND = "9000000001"


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserThread]:
    with BrowserThread() as thread:
        yield thread


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


def tick(page: Page) -> None:
    page.get_by_label("No soy un robot").check()
    page.wait_for_function("document.querySelector('[name$=-response]').value !== ''")


def ask_a(page: Page, cedula: str) -> None:
    page.get_by_label("Número de documento").fill(cedula)
    page.get_by_label("Elección").select_option("-1")
    tick(page)
    page.get_by_role("button", name="CONSULTAR").click()


def ask_b(page: Page, cedula: str) -> None:
    page.get_by_label("Documento de identidad").fill(cedula)
    page.get_by_label("Elección").select_option("0")
    tick(page)
    page.get_by_role("button", name="Consultar").click()


def test_a_person_finds_their_place_on_shape_a(
    simulator: Simulator, browser: BrowserThread
) -> None:
    def work(page: Page) -> None:
        ask_a(page, FOUND)
        cell = page.locator("#success table#consulta td[data-th=PUESTO]")
        expect(cell).to_have_text(place_for(FOUND).puesto)
        expect(page.locator("#success")).to_contain_text("Señor Ciudadano")

    browser.visit(simulator.page_url("A"), work)


def test_a_person_finds_their_place_on_shape_b(
    simulator: Simulator, browser: BrowserThread
) -> None:
    def work(page: Page) -> None:
        ask_b(page, FOUND)
        row = page.get_by_role("row", name="Puesto")
        expect(row.get_by_role("cell")).to_have_text(place_for(FOUND).puesto)

    browser.visit(simulator.page_url("B"), work)


def test_a_person_can_ask_twice_without_loading_the_page_again(
    simulator: Simulator, browser: BrowserThread
) -> None:
    def work(page: Page) -> None:
        ask_a(page, "9000000078")
        expect(page.locator("#div_warning")).to_contain_text("no se encuentra en el censo")
        ask_a(page, "9000000070")
        expect(page.locator("#success table")).to_contain_text("Cancelada por Muerte")
        expect(page.locator("#div_warning")).to_be_hidden()

    browser.visit(simulator.page_url("A"), work)
    assert len(simulator.log()["visits"]) == 1


def test_a_token_set_by_script_is_as_good_as_a_tick(
    simulator: Simulator, browser: BrowserThread
) -> None:
    captcha = simulator.state.captchas.order(
        key="demo",
        site_key=simulator.state.site_key("A"),
        page_url=simulator.page_url("A"),
        latency=0,
        solvable=True,
    )

    def work(page: Page) -> None:
        page.locator("#nuip").fill(FOUND)
        page.locator("#tipo").select_option("-1")
        page.wait_for_selector("div.g-recaptcha #g-recaptcha-response", state="attached")
        page.evaluate(
            "token => { document.getElementById('g-recaptcha-response').value = token; }",
            captcha.token,
        )
        assert page.evaluate("grecaptcha.getResponse()") == captcha.token
        page.locator("#enviar").click()
        expect(page.locator("#success table#consulta")).to_be_visible()

    browser.visit(simulator.page_url("A"), work)


def test_without_a_tick_the_pages_ask_for_it(simulator: Simulator, browser: BrowserThread) -> None:
    def on_a(page: Page) -> None:
        page.locator("#nuip").fill(FOUND)
        page.locator("#enviar").click()
        expect(page.locator("#div_error")).to_contain_text("Marque el cuadro de verificación")

    def on_b(page: Page) -> None:
        page.locator("#documento").fill(FOUND)
        page.locator("#submitBtn").click()
        expect(page.locator("#resultado")).to_have_text("Debe completar el captcha.")

    browser.visit(simulator.page_url("A"), on_a)
    browser.visit(simulator.page_url("B"), on_b)


def test_a_reload_loads_the_page_anew_with_another_nonce(
    simulator: Simulator, browser: BrowserThread
) -> None:
    def work(page: Page) -> None:
        nonce = page.locator("#token").input_value()
        with page.expect_navigation():
            ask_a(page, "9000000081")
        assert page.locator("#token").input_value() != nonce
        ask_a(page, "9000000081")
        expect(page.locator("#success table#consulta")).to_be_visible()

    browser.visit(simulator.page_url("A"), work)
    assert len(simulator.log()["visits"]) == 2


def test_a_dropped_connection_reaches_the_page_as_an_error(
    simulator: Simulator, browser: BrowserThread
) -> None:
    def work(page: Page) -> None:
        ask_a(page, "9000000085")
        expect(page.locator("#div_error")).to_contain_text("Ha ocurrido un error")

    browser.visit(simulator.page_url("A"), work, expected_error="ERR_CONTENT_LENGTH_MISMATCH")
    outcomes = [question["outcome"] for question in simulator.log()["questions"]]
    assert outcomes == ["dropped"], "the browser did not ask again by itself"


def test_a_firewall_page_reaches_the_page_as_an_error(
    simulator: Simulator, browser: BrowserThread
) -> None:
    def work(page: Page) -> None:
        ask_b(page, "9000000093")
        expect(page.locator("#resultado")).to_have_text("No fue posible realizar la consulta.")

    browser.visit(simulator.page_url("B"), work)


def test_hostile_names_run_nothing_in_the_simulated_pages(
    simulator: Simulator, browser: BrowserThread
) -> None:
    def on_a(page: Page) -> str:
        ask_a(page, "9000000064")
        expect(page.locator("[data-th=PUESTO]")).to_have_text(HOSTILE_PLACE.puesto)
        return page.title()

    def on_b(page: Page) -> str:
        ask_b(page, "9000000064")
        expect(page.locator("#resultado")).to_contain_text(HOSTILE_PLACE.puesto)
        return page.title()

    assert browser.visit(simulator.page_url("A"), on_a) != "H"
    assert browser.visit(simulator.page_url("B"), on_b) != "H"


def test_the_pages_work_without_images_fonts_and_styles(
    simulator: Simulator, browser: BrowserThread
) -> None:
    def block(route: Route) -> None:
        if route.request.resource_type in {"image", "font", "stylesheet", "media"}:
            route.abort()
        else:
            route.continue_()

    def on_a(page: Page) -> None:
        page.route("**/*", block)
        page.reload()
        ask_a(page, FOUND)
        expect(page.locator("#success table#consulta")).to_be_visible()

    def on_b(page: Page) -> None:
        page.route("**/*", block)
        page.reload()
        ask_b(page, FOUND)
        expect(page.locator("#resultado table")).to_be_visible()

    browser.visit(simulator.page_url("A"), on_a, expected_error="ERR_FAILED")
    browser.visit(simulator.page_url("B"), on_b, expected_error="ERR_FAILED")


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_captcha_of_another_kind_can_be_ticked(
    simulator: Simulator, browser: BrowserThread, kind: CaptchaKind
) -> None:
    def with_tick(page: Page) -> None:
        ask_a(page, FOUND)
        expect(page.locator("#success table#consulta")).to_be_visible()

    simulator.set(mode=kind.value)
    browser.visit(simulator.page_url("A"), with_tick)


def test_no_captcha_needs_no_tick(simulator: Simulator, browser: BrowserThread) -> None:
    def without_tick(page: Page) -> None:
        assert page.locator("[data-sitekey]").count() == 0
        page.locator("#documento").fill(FOUND)
        page.locator("#eleccion").select_option("0")
        page.locator("#submitBtn").click()
        expect(page.locator("#resultado table")).to_be_visible()

    simulator.set(captcha=False)
    browser.visit(simulator.page_url("B"), without_tick)


@pytest.mark.parametrize("path", ["/", *(shape.path for shape in SHAPES.values())])
def test_nothing_is_wider_than_a_phone(
    simulator: Simulator, browser: BrowserThread, path: str
) -> None:
    def work(page: Page) -> int:
        return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    assert browser.visit(simulator.url + path, work) <= 0
