"""What people call themselves, and what the census answers, never runs in anybody's browser."""

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.leaders import FAILED, PASSWORD, PLACE, Leader

pytestmark = [pytest.mark.e2e]

SCRIPT = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>"
FORMULA = "=1+1"
TEMPLATE = "{{ 7|add:7 }}{% now 'Y' %}"
RIGHT_TO_LEFT = "\u202eanA\u202c"
HOSTILE_PLACE = PLACE | {
    "municipio": SCRIPT[:100],
    "puesto": f"{TEMPLATE} {SCRIPT}"[:200],
    "direccion": "<b>CALLE</b> 1",
}
NOVEDAD = {"status": "CANCELLED_OTHER", "novedad": SCRIPT}


@pytest.fixture
def hostile(leader: Leader) -> Leader:
    number = int(leader.cedula) - 1_000_000_000
    leader.bring(
        (f"{number}", f"Ana {SCRIPT}"[:150], HOSTILE_PLACE),
        (f"{number + 1}", f"Beto {TEMPLATE}", FAILED),
        (f"{number + 2}", f"{FORMULA} {RIGHT_TO_LEFT}", NOVEDAD),
    )
    return leader


def dialogs(page: Page) -> list[str]:
    seen: list[str] = []

    def note(dialog: Dialog) -> None:
        seen.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    return seen


def assert_nothing_ran(page: Page) -> None:
    assert page.evaluate("window.ran") is None
    assert page.locator("main img[src='x'], main script, main b").count() == 0


def test_a_leaders_pages_show_it_as_text(page: Page, hostile: Leader) -> None:
    seen = dialogs(page)
    hostile.enter(page)
    table = page.locator("table.referidos")
    expect(table).to_contain_text("Ana <img src=x onerror='window.ran=1'>")
    expect(table).to_contain_text("Beto {{ 7|add:7 }}{% now 'Y' %}")
    for toggle in page.locator("[data-toggle]").all():
        toggle.click()
    expect(page.locator("tr.detail:visible .details")).to_have_count(3)
    expect(page.locator("tr.detail:visible").first).to_be_visible()
    assert_nothing_ran(page)

    page.get_by_role("link", name=re.compile("^Ana")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ana <img")
    expect(page.locator("#censo_card")).to_contain_text("<b>CALLE</b> 1")
    assert_nothing_ran(page)

    page.goto(f"{hostile.site.web_url}/referidos/resumen/")
    expect(page.get_by_role("main")).to_contain_text("ANTIOQUIA")
    assert_nothing_ran(page)
    assert seen == []


def test_messages_and_what_was_typed_show_it_as_text(page: Page, hostile: Leader) -> None:
    hostile.enter(page)
    page.get_by_role("button", name="Reintentar con Beto {{").click()
    expect(page.locator(".toast-note")).to_be_visible()
    page.get_by_role("searchbox").fill("<b>nadie</b>")
    expect(page.get_by_role("main")).to_contain_text("con «<b>nadie</b>»")

    assert_nothing_ran(page)


def test_an_invitation_shows_a_hostile_name_as_text(page: Page, hostile: Leader) -> None:
    [code] = hostile.site.query(
        f"SELECT referral_code FROM accounts_customuser"  # noqa: S608  a number of our own
        f" WHERE cedula = '{int(hostile.cedula) - 1_000_000_000}'"
    )
    page.goto(f"{hostile.site.web_url}/registro/?ref={code['referral_code']}")

    expect(page.get_by_role("main")).to_contain_text("Te invita Ana <img src=x")
    assert_nothing_ran(page)


def test_a_file_of_it_has_no_cell_that_acts(page: Page, hostile: Leader) -> None:
    hostile.enter(page)
    with page.expect_download() as download:
        page.locator("#export_csv").click()
    lines = download.value.path().read_text(encoding="utf-8-sig")

    assert f"'{FORMULA}" in lines
    assert not re.search(r"(?:^|;)=", lines, re.MULTILINE)


def test_the_administration_shows_it_as_text(page: Page, hostile: Leader) -> None:
    hostile.site.manage(
        *("shell", "-v0", "-c"),
        "from accounts.models import CustomUser;"
        f"CustomUser.objects.create_superuser('9{hostile.cedula[1:]}', '{PASSWORD}',"
        " nombre_completo='Nubia Ospina')",
    )
    seen = dialogs(page)
    Leader(hostile.site, f"9{hostile.cedula[1:]}").enter(page, "/admin/")
    for address in ("accounts/customuser/?q=Ana", "census/cedulainfo/?q=Ana"):
        page.goto(f"{hostile.site.web_url}/admin/{address}")
        expect(page.locator("#result_list")).to_contain_text("Ana <img src=x")
        page.locator("#result_list a").first.click()
        expect(page.locator("#content")).to_contain_text("<img src=x")
        assert page.evaluate("window.ran") is None
        assert page.locator("#content img[src='x']").count() == 0
    assert seen == []
