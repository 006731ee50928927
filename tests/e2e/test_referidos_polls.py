"""Polls of a leader's page, and how their answers are shown."""

import pytest
from playwright.sync_api import Page, expect

from tests.leaders import PLACE, Leader, crowd
from tests.tables import Journey, names, row, rows, toggle

pytestmark = [pytest.mark.e2e]


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
