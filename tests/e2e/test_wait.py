"""The wait as the person sees it: each stage of a real lookup, and leaving and coming back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.e2e.conftest import PHONE
from tests.e2e.test_main_job import ANSWER_MS, PASSWORD, card, register
from tests.stack import Stack, wait_until

pytestmark = [pytest.mark.e2e]

WAITING, OPENING, SOLVING, READING = (
    *("Esperando el turno", "Abriendo la página"),
    *("Resolviendo la verificación", "Leyendo la respuesta"),
)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WATCH = """
() => {
  const announcer = document.getElementById('announcer');
  window.steps = []; window.heights = []; window.spoken = [];
  const look = () => {
    const step = document.querySelector('[aria-current=step] .steps__label');
    window.heights.push(document.getElementById('censo_card').offsetHeight);
    if (step && step.textContent !== window.steps.at(-1)) window.steps.push(step.textContent);
  };
  look();
  const listen = () => window.spoken.push(announcer.textContent);
  const main = document.querySelector('main');
  new MutationObserver(look).observe(main, {childList: true, subtree: true});
  new MutationObserver(listen).observe(announcer, {childList: true});
}
"""
"""From now on: each step that was marked, the card's height after each swap, what was announced."""


def poll(page: Page) -> bool:
    """Have five seconds pass on the page's clock, so that it asks; whether it has its answer."""
    if card(page).get_attribute("hx-get") is None:
        return True
    with page.expect_response(lambda response: response.url.endswith("/censo/")):
        page.clock.fast_forward(5_000)
    return False


@pytest.mark.environment(LOOKUP_TIMEOUT_SECONDS="120")
def test_every_stage_of_a_lookup_is_shown_and_announced_once(stack: Stack, page: Page) -> None:
    stack.start_simulator(captcha_latency=5.0)
    requests.post(
        f"{stack.simulator_url}/_control", json={"mode": "slow", "slow_seconds": 4}, timeout=10
    )
    stack.start_web()
    page.clock.install()
    register(page, stack, "1030060011")
    page.evaluate(WATCH)
    stack.start_worker()

    wait_until(lambda: poll(page), "the answer is there", seconds=90, every=0.3)

    expect(card(page)).to_contain_text("Mesa")
    expect(page).to_have_title("Encontramos tu puesto de votación · Censo al Día")
    assert page.evaluate("steps") == [WAITING, OPENING, SOLVING, READING]
    spoken = page.evaluate("spoken")
    assert len(spoken) == len(set(spoken)), "each is announced once, however often the page asks"
    begun = f"Estamos consultando el censo: {WAITING.lower()}"  # it may be too short to be seen
    assert [said for said in spoken if said != begun] == [
        *(f"Estamos consultando el censo: {step.lower()}" for step in (OPENING, SOLVING, READING)),
        "Encontramos tu puesto de votación",
    ]
    assert len(set(page.evaluate("heights"))) == 1, "nothing below the card has moved"


@contextmanager
def browser_of_a_person(browser: Browser, **settings: Any) -> Iterator[Page]:
    """Opened, and closed at the end with all that it kept."""
    context = browser.new_context(viewport=PHONE, locale="es-CO", **settings)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def come_back(page: Page, stack: Stack, cedula: str) -> None:
    page.goto(f"{stack.web_url}/ingresar/?next=/perfil/")
    page.get_by_label("Cédula").fill(cedula)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Ingresar").click()
    page.wait_for_url(f"{stack.web_url}/perfil/")


def stage_of_the_log(stack: Stack) -> dict[str, Any]:
    (attempt,) = stack.query(
        "SELECT opening_at, solving_at, reading_at, ended_at FROM census_lookupattempt"
    )
    return attempt


@pytest.mark.environment(LOOKUP_TIMEOUT_SECONDS="120")
def test_whoever_leaves_finds_the_wait_going_on_and_then_the_answer(
    stack: Stack, browser: Browser
) -> None:
    cedula = "1030060021"
    stack.start_simulator(captcha_latency=30.0)
    stack.start_web()
    stack.start_worker()

    with browser_of_a_person(browser) as page:
        register(page, stack, cedula)
        expect(card(page)).to_contain_text("Puedes cerrar esta página")
    wait_until(lambda: stack.query("SELECT * FROM census_lookupattempt"), "it is looked up")
    wait_until(lambda: stage_of_the_log(stack)["solving_at"], "the captcha is being solved")
    left_at = stage_of_the_log(stack)

    with browser_of_a_person(browser) as page:
        come_back(page, stack, cedula)
        expect(page.locator("[aria-current=step]")).to_contain_text(SOLVING)
        assert re.search("Falta (más o menos|un poco más)", card(page).inner_text())
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == []
    assert stage_of_the_log(stack) == left_at

    wait_until(lambda: stack.statuses()["ACTIVE"], "the answer is stored")
    with browser_of_a_person(browser) as page:
        come_back(page, stack, cedula)
        expect(card(page)).to_contain_text("Mesa", timeout=ANSWER_MS)
    assert stage_of_the_log(stack)["solving_at"] == left_at["solving_at"], "nothing was asked again"


def test_without_scripts_the_wait_is_told_and_a_link_asks_again(
    stack: Stack, browser: Browser
) -> None:
    stack.start_web()
    with browser_of_a_person(browser, java_script_enabled=False) as page:
        register(page, stack, "1030060031")
        expect(card(page)).to_contain_text("Vas en el puesto 1 de la fila; más o menos 15 s")
        expect(page.locator("[aria-current=step]")).to_contain_text(WAITING)

        stack.start_simulator()
        stack.start_worker()
        wait_until(lambda: stack.statuses()["ACTIVE"], "the answer is stored")
        page.get_by_role("link", name="Actualizar ahora").click()

        expect(card(page)).to_contain_text("Mesa")
        page.wait_for_url(f"{stack.web_url}/perfil/")
