"""Without a connection, or a session that lasts: what people see, and what a browser keeps."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.leaders import FAILED, PASSWORD, Leader
from tests.stack import Stack
from tests.tables import row, rows, toggle

pytestmark = [pytest.mark.e2e]

DISCONNECTED = ("ERR_INTERNET_DISCONNECTED", "htmx:afterRequest", "htmx:sendError")
"""Messages of the browser and htmx in the console while offline."""
OFFLINE_FILES = {"/sin-conexion/", "/static/css/sin_conexion.css", "/static/js/sin_conexion.js"}
KEPT = """
async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      found[new URL(request.url).pathname] = await answer.text();
    }
  }
  return found;
}
"""


def banner(page: Page) -> str:
    return page.locator("#connection").inner_text()


def toasts(page: Page) -> list[str]:
    return page.locator("#toasts .toast-note p").all_inner_texts()


def next_poll(page: Page) -> None:
    """Five seconds on: what a page asks by itself it asks now."""
    page.clock.run_for(5_000)


def ways_to_press(page: Page) -> list[Callable[[], None]]:
    """The actions of a leader at the table, each of which is a request."""
    return [
        page.locator("#tab_errores").click,
        row(page, "Ana Gil").get_by_role("button", name="Reintentar").click,
        page.locator("#refresh_all").click,
        toggle(page, "Beto Gil").click,
        partial(page.get_by_role("searchbox").fill, "paz"),
    ]


# --- While a page is open ------------------------------------------------------------------------


@pytest.mark.complaints(*DISCONNECTED)
def test_a_page_that_asks_by_itself_says_that_it_goes_on_and_does(
    mixed: Leader, page: Page
) -> None:
    mixed.bring((f"{int(mixed.cedula) + 9}", "Zoe Vera", {"status": "PENDING"}))
    page.clock.install()
    mixed.enter(page)

    page.context.set_offline(True)
    expect(page.locator("#connection")).to_have_text("Sin conexión, seguimos intentando.")
    next_poll(page)
    page.context.set_offline(False)
    expect(page.locator("#connection")).to_be_empty()
    with page.expect_response(lambda answer: "/referidos/pending/" in answer.url):
        next_poll(page)


@pytest.mark.complaints("ERR_FAILED", *DISCONNECTED)
def test_a_poll_that_fails_says_so_until_one_is_answered(mixed: Leader, page: Page) -> None:
    """A wifi without internet: the browser believes that all is well."""
    mixed.bring((f"{int(mixed.cedula) + 9}", "Zoe Vera", {"status": "PENDING"}))
    page.clock.install()
    mixed.enter(page)
    page.route("**/referidos/pending/**", lambda route: route.abort())

    next_poll(page)
    expect(page.locator("#connection")).to_have_text("Sin conexión, seguimos intentando.")
    assert toasts(page) == []
    page.unroute("**/referidos/pending/**")
    next_poll(page)
    expect(page.locator("#connection")).to_be_empty()


@pytest.mark.complaints(*DISCONNECTED)
def test_buttons_that_are_pressed_without_a_connection_say_that_nothing_was_sent(
    mixed: Leader, page: Page
) -> None:
    mixed.enter(page)
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_have_text("Sin conexión.")  # nothing here asks again

    for press in (*ways_to_press(page), page.get_by_role("button", name="Salir").click):
        press()
        expect(page.locator("#toasts")).to_contain_text("No hay conexión y no se envió nada.")
        assert len(toasts(page)) == 1
        page.get_by_role("button", name="Cerrar el aviso").click()
    assert page.url.endswith("/referidos/")
    assert set(mixed.statuses().values()) >= {"TIMEOUT"}

    page.context.set_offline(False)
    expect(page.locator("#connection")).to_be_empty()
    page.locator("#refresh_all").click()
    expect(page.locator("#toasts")).to_contain_text("volvemos a consultar")


@pytest.mark.complaints(*DISCONNECTED)
def test_a_form_that_is_sent_without_a_connection_keeps_what_was_typed(
    quiet_site: Stack, page: Page
) -> None:
    page.goto(f"{quiet_site.web_url}/ingresar/")
    page.get_by_label("Cédula").fill("52345678")
    page.locator("#id_password").fill(PASSWORD)
    page.context.set_offline(True)
    page.locator("#id_password").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("No hay conexión y no se envió nada.")
    assert page.locator("#id_password").input_value() == PASSWORD


def test_a_browser_that_only_believes_to_be_offline_sends_all_the_same(
    leader: Leader, page: Page
) -> None:
    leader.bring()
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'onLine', { value: false })")
    leader.enter(page, "/perfil/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("este es tu perfil")


# --- A page that is asked for without a connection -----------------------------------------------


def use_it_all(leader: Leader, page: Page) -> None:
    """Log in and look around: by then the service worker has seen private pages."""
    leader.enter(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    for path in ("/", "/perfil/", "/perfil/mis-datos/", "/referidos/resumen/", "/referidos/"):
        page.goto(f"{leader.site.web_url}{path}")
    toggle(page, "Dora Rey").click()
    expect(page.locator(".details")).to_contain_text("CALLE 45")


@pytest.mark.complaints(*DISCONNECTED)
def test_the_page_without_a_connection_is_all_that_a_browser_keeps(
    mixed: Leader, page: Page
) -> None:
    use_it_all(mixed, page)
    kept = page.evaluate(KEPT)
    assert kept.keys() == OFFLINE_FILES
    assert not [word for text in kept.values() for word in ("Dora", "Amparo") if word in text]

    page.context.set_offline(True)
    page.goto(f"{mixed.site.web_url}/perfil/")
    expect(page.get_by_role("heading", level=1)).to_have_text("No tienes conexión")
    assert page.url.endswith("/perfil/")
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"  # its sheet is there
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    page.context.set_offline(False)  # it goes by itself to the page that was asked for
    expect(page.get_by_role("heading", level=1)).to_contain_text("este es tu perfil")

    page.get_by_role("button", name="Salir").click()
    page.wait_for_url("**/ingresar/")
    page.context.set_offline(True)
    for path in ("/", "/perfil/", "/referidos/", "/perfil/mis-datos/"):
        page.goto(f"{mixed.site.web_url}{path}")
        assert page.get_by_role("heading", level=1).inner_text() == "No tienes conexión"
    for _ in range(6):
        page.go_back()
        assert "Dora" not in page.content()
        assert "Amparo" not in page.content()


# --- A session that ended while a page was open --------------------------------------------------


def end_the_session(page: Page) -> None:
    """Delete the session as if it had expired: the cookies of the form's token stay."""
    page.context.clear_cookies(name="sessionid")


def log_in_again(leader: Leader, page: Page, back_at: str) -> None:
    expect(page.get_by_text("Para ver esa página primero tienes que ingresar.")).to_be_visible()
    page.get_by_label("Cédula").fill(leader.cedula)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Ingresar").click()
    page.wait_for_url(f"{leader.site.web_url}{back_at}")


@pytest.fixture
def waiting(leader: Leader) -> Leader:
    """With a lookup of their own that waits, and a referido whose lookup failed."""
    leader.bring((f"{int(leader.cedula) + 1}", "Ana Gil", FAILED))
    leader.site.manage(
        "shell", "-v0", "-c",
        "from accounts.models import CustomUser\n"
        "from census.models import CedulaInfo\n"
        f"user = CustomUser.objects.get(cedula='{leader.cedula}')\n"
        "CedulaInfo.objects.create(user=user)",
    )  # fmt: skip
    return leader


def test_a_card_that_asks_leads_to_the_login_and_back(waiting: Leader, page: Page) -> None:
    page.clock.install()
    waiting.enter(page, "/perfil/")
    expect(page.locator("#censo_card")).to_contain_text("Estás en la fila")
    end_the_session(page)
    next_poll(page)
    page.wait_for_url("**/ingresar/?next=/perfil/")
    log_in_again(waiting, page, "/perfil/")


def test_what_a_leader_presses_leads_to_the_login_and_back(mixed: Leader, page: Page) -> None:
    where = "/referidos/?orden=nombre"
    for press in ways_to_press(page):
        if page.url == "about:blank":
            mixed.enter(page, where)
        end_the_session(page)
        press()
        page.wait_for_url("**/ingresar/**")
        log_in_again(mixed, page, where)
    assert rows(page).count() == 8
    assert "PENDING" not in mixed.statuses().values()


@pytest.mark.complaints("status of 403", "Error Code 403")
def test_ticks_outlive_a_token_that_another_tab_has_changed(mixed: Leader, page: Page) -> None:
    # Where DEBUG is on it shows each refusal as a page of its own; a server does not load it.
    page.route("**/django-htmx.js", lambda route: route.fulfill(content_type="text/javascript"))
    mixed.enter(page)
    page.get_by_label("Marcar a Ana Gil").check()
    other = page.context.new_page()
    other.goto(f"{mixed.site.web_url}/perfil/")
    other.get_by_role("button", name="Salir").click()
    mixed.enter(other)
    other.close()

    page.locator("#refresh_ticked").click()
    expect(page.locator("#toasts")).to_contain_text("ya la pusimos al día")
    assert len(toasts(page)) == 1
    expect(page.get_by_label("Marcar a Ana Gil")).to_be_checked()
    page.locator("#refresh_ticked").click()
    expect(page.locator("#toasts")).to_contain_text("volvemos a consultar a 1 persona")


# --- Without scripts -----------------------------------------------------------------------------


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=False, locale="es-CO") as context:
        yield context.new_page()


def test_without_scripts_a_button_leads_to_the_login_and_back_too(
    mixed: Leader, plain: Page
) -> None:
    mixed.enter(plain)
    end_the_session(plain)
    plain.locator("#refresh_all").click()
    plain.wait_for_url("**/ingresar/?next=/referidos/")
    log_in_again(mixed, plain, "/referidos/")
