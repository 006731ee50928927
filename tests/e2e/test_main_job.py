"""The main job, through the doors that people use: the form, the queue, Chromium, the profile."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from scraper.simulator.shapes import SHAPES
from tests.stack import Stack, running_stack

pytestmark = [pytest.mark.e2e, pytest.mark.essential]

PASSWORD = "una-clave-muy-larga"
ANSWER_MS = 60_000


def register(page: Page, stack: Stack, cedula: str, query: str = "") -> None:
    page.goto(f"{stack.web_url}/registro/{query}")
    page.get_by_label("Cédula").fill(cedula)
    page.get_by_label("Nombre completo").fill("Beatriz Molina Arias")
    page.get_by_label("Celular").fill("300 123 4567")
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.locator("#id_data_policy_accepted").check()
    page.get_by_role("button", name=re.compile("registr", re.IGNORECASE)).click()
    page.wait_for_url(f"{stack.web_url}/perfil/")


def card(page: Page) -> Locator:
    return page.locator("#censo_card")


FIRST, *OTHERS = SHAPES.values()


@pytest.fixture(scope="module", params=[FIRST.path])
def product(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Stack]:
    """All of it, with the page at this path; starting it takes longer than a lookup."""
    folder = tmp_path_factory.mktemp("product")
    with running_stack(folder, REFRESH_COOLDOWN_SECONDS="0", RETRY_DELAYS_SECONDS="0.2") as stack:
        stack.environment["REGISTRADURIA_URL"] = stack.simulator_url + request.param
        stack.start_simulator()
        stack.start_web()
        stack.start_worker()
        yield stack


@pytest.mark.parametrize(
    "product", [shape.path for shape in (*OTHERS, FIRST)], indirect=True, scope="module"
)
def test_a_person_registers_and_sees_the_answer_of_the_census(product: Stack, page: Page) -> None:
    register(page, product, "10.200.300.11")
    expect(card(page)).to_contain_text("Mesa", timeout=ANSWER_MS)
    page.reload()
    expect(card(page)).to_contain_text("Mesa")


@pytest.mark.parametrize(
    ("cedula", "words"),
    [
        ("1020030072", re.compile("Doble Cedulaci", re.IGNORECASE)),
        ("1020030078", re.compile("no está en el censo|no aparece", re.IGNORECASE)),
        ("1020030082", re.compile("Mesa")),
    ],
    ids=["cancelled", "not found", "failed once, then found"],
)
def test_other_answers_reach_the_profile_too(
    product: Stack, page: Page, cedula: str, words: re.Pattern[str]
) -> None:
    asked_before = len(product.simulator_log()["questions"])

    register(page, product, cedula)
    expect(card(page)).to_contain_text(words, timeout=ANSWER_MS)

    if cedula.endswith("82"):  # the passing failure was asked twice, and is not the answer
        assert len(product.simulator_log()["questions"]) == asked_before + 2


def test_a_failure_is_explained_and_a_person_can_ask_again(product: Stack, page: Page) -> None:
    register(page, product, "1020030092")
    retry = page.get_by_role("button", name="Reintentar")
    expect(retry).to_be_visible(timeout=ANSWER_MS)
    before = len(product.simulator_log()["visits"])
    retry.click()
    expect(retry).to_be_hidden()
    expect(retry).to_be_visible(timeout=ANSWER_MS)

    assert len(product.simulator_log()["visits"]) == before + 2
