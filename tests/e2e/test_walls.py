"""Every page in a real browser, as on a server: nothing from elsewhere, nothing the CSP stops."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as BrowserError

from tests import routes
from tests.stack import Stack, running_stack

pytestmark = [pytest.mark.e2e]

PASSWORD = "una-clave-larga-7"
PERSON, LEADER, SUPERADMIN = "1020030041", "1020030042", "900100200"

PEOPLE = f"""
from accounts.models import CustomUser
from accounts.services import register_user
from census.models import CedulaInfo, Status
superadmin = CustomUser.objects.create_superuser(
    {SUPERADMIN!r}, {PASSWORD!r}, nombre_completo="Nubia Ospina Rey")
leader = register_user({LEADER!r}, "Amparo Quintero Díaz", "3001234567", {PASSWORD!r})
CustomUser.objects.filter(pk=leader.pk).update(role="LEADER")
person = register_user({PERSON!r}, "Camilo Suárez León", "3001234567", {PASSWORD!r}, leader)
CedulaInfo.objects.filter(user=person).update(
    status=Status.ACTIVE, departamento="ANTIOQUIA", municipio="MEDELLIN", puesto="IE LA UNION")
failed = register_user("1020030043", "Édgar Pinto Salas", "3001234567", {PASSWORD!r}, leader)
CedulaInfo.objects.filter(user=failed).update(status=Status.TIMEOUT, error_kind="SiteTimeout")
register_user("1020030044", "Rosalba Mina Torres", "3001234567", {PASSWORD!r}, leader)
"""


def arguments(site: Stack) -> routes.Values:
    """Values for the placeholders in addresses: ids of `PEOPLE`'s rows, and of nobody."""
    [accepted] = site.query("SELECT sha256 FROM accounts_policytext")
    return {
        "user_id": ["3", "4", "99"],  # the person, one that failed, nobody
        "session_id": ["1"],
        "object_id": ["3"],
        "id": ["3"],
        "content_type_id": ["1"],
        "app_label": ["accounts", "census"],
        "url": ["nada"],
        "sha256": [accepted["sha256"]],
    }


NO_PAGE = ("Download is starting", "ERR_HTTP_RESPONSE_CODE_FAILURE", "ERR_ABORTED")

WATCH = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.tellViolation(`${event.effectiveDirective}: ${event.blockedURI} at ${document.URL}`);
});
"""


@dataclass
class Witness:
    """A browser's requests, and those that were refused."""

    own: str
    violations: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)
    visited: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.expose_binding("tellViolation", lambda _, text: self.violations.append(text))
        context.add_init_script(WATCH)
        context.on("request", lambda request: self._note(request.url))
        context.on("response", lambda response: self._judge(response.status, response.url))
        context.on("weberror", lambda problem: self.complaints.append(str(problem.error)))
        context.on("console", lambda line: self._hear(line.type, line.text))

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" != self.own:
            self.elsewhere.add(url)

    def _judge(self, status: int, url: str) -> None:
        if status >= 500 and not url.endswith("/salud/"):  # it says so where no worker lives
            self.complaints.append(f"{status} at {url}")

    def _hear(self, kind: str, text: str) -> None:
        # A page that answers 403 or 405 is a page too; the browser notes its status as an error.
        if kind in {"error", "warning"} and not text.startswith("Failed to load resource"):
            self.complaints.append(text)

    def assert_nothing_happened(self) -> None:
        assert self.elsewhere == set()
        assert self.violations == []
        assert self.complaints == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web server with a server's settings and a few people; no worker, no census."""
    with running_stack(
        tmp_path_factory.mktemp("walls"),
        DEBUG="false",
        SECRET_KEY="a key for this test alone, longer than fifty characters",
        ALLOWED_HOSTS="127.0.0.1",
        REQUIRE_SUPERADMIN_TOTP="false",  # the second step has tests of its own
    ) as stack:
        stack.collect_static()
        stack.manage("shell", "-v0", "-c", PEOPLE)
        stack.start_web()
        yield stack


@contextmanager
def witnessed(browser: Browser, site: Stack, cedula: str = "") -> Iterator[tuple[Page, Witness]]:
    """A page of a browser that is logged in, and what is seen of it; complaints fail the test."""
    witness = Witness(site.web_url)
    context = browser.new_context(locale="es-CO", base_url=site.web_url)
    try:
        witness.watch(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        if cedula:
            page.goto("/ingresar/")
            page.get_by_label("Número de cédula").fill(cedula)
            page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Ingresar").click()
            page.wait_for_url("**/perfil/")
        yield page, witness
    finally:
        context.close()
    witness.assert_nothing_happened()


def open_page(context: BrowserContext, witness: Witness, path: str) -> None:
    """Go there, in a tab of its own, and let it finish.

    A download is no page, and a refusal without words is none: the browser shows one of its own.
    """
    page = context.new_page()
    try:
        response = page.goto(path)
        if response is not None and response.status == 200:
            witness.visited.append(path)
    except BrowserError as problem:
        if not any(reason in problem.message for reason in NO_PAGE):
            raise
    finally:
        page.close()


@pytest.mark.parametrize(
    ("cedula", "pages"),
    [
        ("", {"/ingresar/", "/registro/", "/politica/"}),
        (PERSON, {"/", "/perfil/", "/censo/", "/referidos/"}),
        (LEADER, {"/", "/perfil/", "/referidos/", "/referidos/3/", "/mi-enlace/"}),
        (
            SUPERADMIN,
            {"/admin/", "/admin/operacion/", "/admin/accounts/customuser/3/change/", "/referidos/"},
        ),
    ],
    ids=["nobody", "person", "leader", "superadmin"],
)
def test_no_page_loads_anything_from_elsewhere_or_breaks_the_policy(
    browser: Browser, site: Stack, cedula: str, pages: set[str]
) -> None:
    with witnessed(browser, site, cedula) as (page, witness):
        for path in routes.addresses(arguments(site)):
            if cedula == SUPERADMIN or "/admin/" not in path:
                open_page(page.context, witness, path)
    assert pages <= {*witness.visited}  # it did see them


def test_the_cookies_of_a_server_are_for_this_host_alone_and_hidden_from_scripts(
    browser: Browser, site: Stack
) -> None:
    with witnessed(browser, site, PERSON) as (page, _):
        cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
        assert cookies.keys() == {"__Host-sessionid", "__Host-csrftoken", "__Host-equipo"}
        for cookie in cookies.values():
            assert (cookie["secure"], cookie["httpOnly"]) == (True, True)
            assert (cookie["sameSite"], cookie["path"]) == ("Lax", "/")
        assert page.evaluate("document.cookie") == ""


def test_a_leaders_table_works_under_the_policy(browser: Browser, site: Stack) -> None:
    with witnessed(browser, site, LEADER) as (page, _):
        page.goto("/referidos/")
        page.locator("[data-toggle]").first.click()
        expect(page.locator("tr.detail:visible")).to_have_count(1)
        page.get_by_role("searchbox").fill("Pinto")
        expect(page.locator("tr.referido")).to_have_count(1)
        page.get_by_role("button", name="Volver a consultar el que falló").click()
        expect(page.locator("#toasts")).to_contain_text("volvemos a consultar a 1 persona")


def test_the_administration_works_under_the_policy(browser: Browser, site: Stack) -> None:
    with witnessed(browser, site, SUPERADMIN) as (page, _):
        page.goto("/admin/accounts/customuser/3/change/")
        page.locator(".field-referred_by .select2-selection").click()
        page.locator(".select2-search__field").fill("Amparo")
        page.locator(".select2-results__option", has_text="Amparo Quintero").click()
        page.locator("input[name=_continue]").click()
        expect(page.locator(".messagelist .success")).to_be_visible()
        page.goto("/admin/accounts/customuser/?date_joined__gte=2020-01-01")
        page.locator("#changelist-filter a", has_text="Hoy").first.click()
        expect(page.locator("#result_list")).to_be_visible()
        page.locator("#action-toggle").check()
        page.locator("select[name=action]").select_option("delete_selected")
        page.locator("button[name=index]").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_links_can_be_copied_where_camera_and_place_are_off(browser: Browser, site: Stack) -> None:
    with witnessed(browser, site) as (page, _):
        page.goto("/ingresar/")
        allowed = page.evaluate("document.featurePolicy.allowedFeatures()")
        assert "clipboard-write" in allowed
        assert not {"camera", "microphone", "geolocation", "payment", "usb"} & {*allowed}
