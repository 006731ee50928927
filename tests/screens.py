"""Every page and state of the product, by name, and how a browser gets there.

`tests/e2e/test_every_screen.py` checks each of them; `python -m tests.screens FOLDER`
(`make screenshots`) takes their pictures at two sizes, light and dark.
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, Route, ViewportSize, expect, sync_playwright

from tests.browser import launch
from tests.leaders import FAILED, NOVEDAD, PASSWORD, PLACE, Leader, crowd
from tests.stack import Stack, running_stack

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1366, "height": 768}
SIZES = {"phone": PHONE, "desk": DESK}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

NOBODY = ""
LEADER, NEWCOMER, PLAIN = "2000000011", "2000000021", "2000000031"
SUPERADMIN = "900100200"
LONG_NAME = "María de los Ángeles Concepción Villavicencio-Echeverry Montealegre de Santodomingo"

PEOPLE = f"""
from datetime import timedelta
from django.utils import timezone
from accounts.models import Consent, CustomUser
from accounts.services import register_user
from uuid import uuid4
from census.models import CedulaInfo, LookupAttempt

now = timezone.now()
CustomUser.objects.create_superuser(
    {SUPERADMIN!r}, {PASSWORD!r}, nombre_completo="Nubia Ospina Rey")
leader = CustomUser.objects.get(cedula={LEADER!r})

def person(number, name, **fields):
    user = register_user(number, name, "3001234567", {PASSWORD!r}, leader)
    CedulaInfo.objects.filter(user=user).update(**fields)
    return user

place = {{"departamento": "ANTIOQUIA", "municipio": "MEDELLIN", "puesto": "IE LA ESPERANZA",
         "direccion": "CALLE 45 # 23-12", "mesa": "7", "fetched_at": now - timedelta(minutes=9)}}
person("2000000101", "Camilo Suárez León", status="ACTIVE", **place)
person("2000000102", "Rosalba Mina Torres")
person("2000000103", "Édgar Pinto Salas", status="TIMEOUT", error_kind="SiteTimeout")
person("2000000104", "Luz Dary Cano Mejía", status="NOT_FOUND", fetched_at=now)
person("2000000105", "Hernando Ortiz Vega", status="CANCELLED_OTHER", fetched_at=now,
    novedad="Cancelada por Doble Cedulación", resolucion="1234 de 2019", fecha_novedad="12/03/2019")
person("2000000106", "Jairo Peña Gil", status="CANCELLED_DECEASED", fetched_at=now,
    novedad="Cancelada por Muerte")
person("2000000107", "Marta Ríos Parra", status="PENDING", attempts=1, error_kind="SiteTimeout",
    next_attempt_at=now + timedelta(minutes=4))
person("2000000108", {LONG_NAME!r}, status="ACTIVE", **(place | {{
    "puesto": "INSTITUCION EDUCATIVA TECNICA NUESTRA SENORA DE LA CANDELARIA SEDE PRINCIPAL",
    "direccion": "KILOMETRO 12 VIA AL CORREGIMIENTO SAN SEBASTIAN DE PALMITAS VEREDA LA POTRERA",
    "mesa": "124"}}))
asked = person("2000000109", "Olga Rincón Duarte")
CustomUser.objects.filter(pk=asked.pk).update(consent_version="2025-01")
blocked = person("2000000110", "Nelson Arias Cruz", status="BLOCKED", error_kind="SiteBlocked")

def attempt(minutes_ago, seconds, outcome):
    began = now - timedelta(minutes=minutes_ago)
    return LookupAttempt(
        info=blocked.cedula_info, claim=uuid4(), number=1, worker="servidor/0/1/1",
        outcome=outcome, solves_paid=1, started_at=began, opening_at=began + timedelta(seconds=1),
        solving_at=began + timedelta(seconds=3), reading_at=began + timedelta(seconds=seconds - 1),
        ended_at=began + timedelta(seconds=seconds))

LookupAttempt.objects.bulk_create(
    attempt(1 + n * 2 + n * n // 60, 12 + n % 17, "SiteTimeout" if n % 9 == 4 else "ACTIVE")
    for n in range(180))
"""
"""Somebody in each state, besides the people that `Leader` makes. Without a worker they stay so."""


@dataclass(frozen=True)
class Screen:
    """One page in one state. `prepare` does what a person does there first."""

    name: str
    path: str
    who: str = NOBODY
    prepare: Callable[[Page], None] | None = None
    status: int = 200
    """HTTP status of the page."""


def _send_nothing(page: Page) -> None:
    page.get_by_role("main").locator("form button[type=submit]").first.click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()


def _send_wrong_things(page: Page) -> None:
    page.locator("#id_cedula").fill("12.34")
    page.locator("#id_nombre_completo").fill("María del Pilar Ñáñez")
    page.locator("#id_phone").fill("12")
    page.locator("#id_password1").fill("corta")
    page.locator("#id_password2").fill("otra")
    _send_nothing(page)


def _open_details(page: Page) -> None:
    for name in (LONG_NAME, "Nelson Arias Cruz"):
        page.get_by_role("button", name=f"Detalles de {name}", exact=True).click()
    expect(page.locator(".details")).to_have_count(2)
    page.get_by_label("Marcar a Nelson Arias Cruz").check()


def _refresh_all(page: Page) -> None:
    page.locator("#refresh_all").click()
    expect(page.locator("#bulk_progress progress")).to_be_visible()


def _lose_the_connection(page: Page) -> None:
    page.context.set_offline(True)
    page.locator("#censo_update").click()
    expect(page.locator("#connection")).not_to_be_empty()


def _ask_again(page: Page) -> None:
    page.locator("#censo_retry").click()
    expect(page.locator("#toasts")).to_contain_text("Listo")


SCREENS: tuple[Screen, ...] = (
    Screen("registro", "/registro/"),
    Screen("registro-invitado", "/registro/?ref={code}"),
    Screen("registro-codigo-desconocido", "/registro/?ref=ZZZZ2222"),
    Screen("registro-errores", "/registro/", prepare=_send_wrong_things),
    Screen("ingresar", "/ingresar/"),
    Screen("ingresar-errores", "/ingresar/", prepare=_send_nothing),
    Screen("politica", "/politica/"),
    Screen("no-existe", "/nada/", status=404),
    Screen("cuenta-eliminada", "/cuenta-eliminada/"),
    Screen("perfil-encontrado", "/perfil/", "2000000101"),
    Screen("perfil-en-fila", "/perfil/", "2000000102"),
    Screen("perfil-sin-conexion", "/perfil/", "2000000102", _lose_the_connection),
    Screen("perfil-error", "/perfil/", "2000000103"),
    Screen("perfil-no-encontrado", "/perfil/", "2000000104"),
    Screen("perfil-cancelado", "/perfil/", "2000000105"),
    Screen("perfil-fallecido", "/perfil/", "2000000106"),
    Screen("perfil-otro-intento", "/perfil/", "2000000107"),
    Screen("perfil-nombre-largo", "/perfil/", "2000000108"),
    Screen("autorizar", "/autorizar/", "2000000109"),
    Screen("perfil-editar", "/perfil/editar/", "2000000101"),
    Screen("cambiar-clave", "/cambiar-clave/", "2000000101"),
    Screen("cambiar-clave-errores", "/cambiar-clave/", "2000000101", _send_nothing),
    Screen("seguridad", "/perfil/seguridad/", "2000000101"),
    Screen("dos-pasos", "/perfil/seguridad/dos-pasos/", "2000000101"),
    Screen("mis-datos", "/perfil/mis-datos/", "2000000101"),
    Screen("retirar", "/perfil/mis-datos/retirar/", "2000000101"),
    Screen("eliminar", "/perfil/mis-datos/eliminar/", "2000000101"),
    Screen("sin-permiso", "/referido/1/", PLAIN, status=403),
    Screen("inicio", "/", LEADER),
    Screen("inicio-nuevo", "/", NEWCOMER),
    Screen("mi-enlace", "/mi-enlace/", LEADER),
    Screen("referidos", "/referidos/", LEADER),
    Screen("referidos-detalles", "/referidos/", LEADER, _open_details),
    Screen("referidos-nadie", "/referidos/?q=zzz", LEADER),
    Screen("referidos-vacio", "/referidos/", NEWCOMER),
    Screen("referidos-nombres", "/referidos/", PLAIN),
    Screen("referidos-errores", "/referidos/?estado=errores", LEADER),
    Screen("resumen", "/referidos/resumen/", LEADER),
    Screen("referido", "/referidos/{found}/", LEADER),
    Screen("operacion", "/admin/operacion/", SUPERADMIN),
    Screen("perfil-pedido-otra-vez", "/perfil/", "2000000110", _ask_again),
    Screen("consulta-de-muchos", "/referidos/?estado=errores", LEADER, _refresh_all),
)
"""Ordered so that no screen changes what a later one shows."""


@contextmanager
def gallery(folder: Path) -> Iterator[Stack]:
    """A web server and people in every state, without a worker that would change them."""
    with running_stack(
        folder,
        DEBUG="false",
        SECRET_KEY="a key for these pictures alone, longer than fifty characters",
        ALLOWED_HOSTS="127.0.0.1",
        REQUIRE_SUPERADMIN_TOTP="false",  # the second step has its own tests
        REFRESH_COOLDOWN_SECONDS="0",
        # A next attempt further off than the longest delay counts as stale, and would be reset.
        RETRY_DELAYS_SECONDS="60,300,900",
        RESPONSIBLE_NAME="Corporación Veeduría de Ejemplo",
        RESPONSIBLE_ID="900.000.001-0",
        RESPONSIBLE_ADDRESS="Calle 1 # 2-34, Bogotá",
        RESPONSIBLE_EMAIL="datos@example.org",
    ) as stack:
        stack.collect_static()
        leader = Leader(stack, LEADER)
        leader.bring(*crowd(2_100_000_011, 120, PLACE), minutes_ago=30)
        Leader(stack, NEWCOMER).bring()
        Leader(stack, PLAIN).bring(*crowd(2_200_000_011, 12, PLACE), role="USER")
        leader.bring(("2000000041", "Pedro Gil", FAILED), ("2000000042", "Ana Gil", NOVEDAD))
        stack.manage("shell", "-v0", "-c", PEOPLE)
        stack.start_web()
        yield stack


def addresses(stack: Stack) -> dict[str, Any]:
    """Values for the braces in the paths of SCREENS."""
    people = stack.query("SELECT id, cedula, referral_code FROM accounts_customuser")
    by_cedula = {person["cedula"]: person for person in people}
    return {
        "code": by_cedula[LEADER]["referral_code"],
        "found": by_cedula["2000000101"]["id"],
    }


def _send_late(route: Route, seconds: float) -> None:
    if route.request.resource_type in ("xhr", "fetch"):
        time.sleep(seconds)
    route.continue_()


class Viewer:
    """A browser at one size and in one colour scheme that logs in as a screen needs.

    `zoom` is the browser's: at 2 a window has half as many CSS pixels each way.
    """

    def __init__(
        self,
        browser: Browser,
        stack: Stack,
        size: ViewportSize,
        scheme: Literal["light", "dark"] = "light",
        *,
        scripts: bool = True,
        zoom: int = 1,
    ) -> None:
        self.browser, self.stack = browser, stack
        self.scheme, self.scripts, self.zoom = scheme, scripts, zoom
        self.size: ViewportSize = {
            "width": size["width"] // zoom,
            "height": size["height"] // zoom,
        }
        self.values = addresses(stack)
        self._cookies: dict[str, Any] = {}

    @contextmanager
    def at(
        self, screen: Screen, init_script: str = "", answers_after: float = 0.0
    ) -> Iterator[Page]:
        """Open the page as `screen` describes it; `init_script` runs before the page's scripts.

        Requests of its scripts are sent `answers_after` seconds late, as on a slow connection.
        Without scripts the page is shown as it is served, without `prepare`.
        """
        with self.browser.new_context(
            viewport=self.size,
            device_scale_factor=self.zoom,
            java_script_enabled=self.scripts,
            locale="es-CO",
            timezone_id="America/Bogota",
            color_scheme=self.scheme,
            base_url=self.stack.web_url,
            reduced_motion="reduce",
        ) as context:
            if init_script:
                context.add_init_script(init_script)
            page = context.new_page()
            page.set_default_timeout(15_000)
            if screen.who:
                self._enter(page, screen.who)
            if answers_after:
                page.route("**", lambda route: _send_late(route, answers_after))
            response = page.goto(screen.path.format(**self.values))
            assert response is not None
            assert response.status == screen.status, screen.name
            if screen.prepare is not None and self.scripts:
                screen.prepare(page)
            yield page

    def _enter(self, page: Page, cedula: str) -> None:
        if cedula not in self._cookies:
            page.goto("/ingresar/")
            page.locator("#id_username").fill(cedula)
            page.locator("#id_password").fill(PASSWORD)
            page.get_by_role("main").get_by_role("button", name="Ingresar").click()
            page.wait_for_url(re.compile(r"^(?!.*/ingresar/)"))
            self._cookies[cedula] = page.context.cookies()
        page.context.add_cookies(self._cookies[cedula])


def main(folder: Path, only: str = "") -> None:
    """Take each screen's picture whose name contains `only`, as `NAME-SIZE-SCHEME.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for size_name, size in SIZES.items():
            for scheme in SCHEMES:
                # A new gallery for each: what is done on a screen changes what others show.
                with tempfile.TemporaryDirectory() as scratch, gallery(Path(scratch)) as stack:
                    viewer = Viewer(browser, stack, size, scheme)
                    for screen in SCREENS:
                        name = f"{screen.name}-{size_name}-{scheme}"
                        if only in name:
                            _take_picture(viewer, screen, folder / f"{name}.png")
        browser.close()


def _take_picture(viewer: Viewer, screen: Screen, file: Path) -> None:
    with viewer.at(screen) as page:
        # A window as high as the page, so that what is fixed to its bottom is at the page's bottom.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": viewer.size["width"], "height": height})
        page.screenshot(path=file)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
