"""A leader's table while a real worker answers: rows and progress change by themselves."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.leaders import FAILED, Leader, crowd
from tests.stack import Stack, running_stack
from tests.tables import Journey, row, rows, toggle

pytestmark = [pytest.mark.e2e, pytest.mark.essential]

ANSWER_MS = 60_000


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("live")) as stack:
        stack.start_simulator()
        stack.start_web()
        yield stack


@contextmanager
def somebody_at_work(product: Stack) -> Iterator[None]:
    worker = product.start_worker()
    yield
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0


def test_a_refresh_of_many_goes_to_its_end_before_the_leader_s_eyes(
    product: Stack, page: Page
) -> None:
    leader = Leader(product, "2000000111")
    leader.bring(*crowd(2_100_000_011, 12, FAILED), ("2100009978", "Noé Vera", FAILED))
    leader.enter(page, "/referidos/?orden=nombre")
    journey = Journey(page)
    toggle(page, "Persona 002").click()
    page.get_by_label("Marcar los de esta página que fallaron").check()
    page.get_by_role("button", name="Volver a consultar 13 marcados").click()

    progress = page.locator("#bulk_progress")
    expect(progress).to_contain_text("Volviendo a consultar a 13 personas")
    expect(progress).to_contain_text("Falta más o menos")
    expect(progress.get_by_role("progressbar")).to_have_attribute("max", "13")
    with somebody_at_work(product):
        ended = "Terminamos de consultar a 13 personas"
        expect(progress).to_contain_text(ended, timeout=ANSWER_MS)
    expect(progress).to_contain_text("13 con respuesta, 0 sin respuesta.")
    expect(rows(page).filter(has_text="Encontrado")).to_have_count(12)
    expect(row(page, "Noé Vera")).to_contain_text("No está en el censo")
    expect(page.locator("#tab_encontrados")).to_contain_text("12")
    expect(page.locator(".details")).to_contain_text("Dirección")
    expect(page.locator("tbody input[name=ids]")).to_have_count(0)
    expect(page.locator("#bulk_bar button")).to_have_count(0)
    assert journey.navigations == 0
    assert set(leader.statuses().values()) == {"ACTIVE", "NOT_FOUND"}


def test_a_row_changes_by_itself(product: Stack, page: Page) -> None:
    """Bug: rows did not update: "En espera" stayed until the page was loaded again."""
    leader = Leader(product, "2000000211")
    leader.bring(("2200009911", "Zoe Vera", {"status": "PENDING"}))
    leader.enter(page)
    journey = Journey(page)
    expect(row(page, "Zoe Vera")).to_contain_text("En espera")

    with somebody_at_work(product):
        expect(row(page, "Zoe Vera")).to_contain_text("Encontrado", timeout=ANSWER_MS)

    expect(row(page, "Zoe Vera").locator(".col-puesto")).not_to_be_empty()
    expect(page.locator("#tab_encontrados")).to_contain_text("1")
    expect(page.locator("[data-in-flight]")).to_have_count(0)
    assert journey.navigations == 0
