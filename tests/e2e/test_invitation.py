"""The link that brings others: its QR code as a camera sees it, its sheet on paper, its sharing."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    PdfMargins,
    ViewportSize,
    expect,
)

from tests import qr_reader
from tests.stack import Stack, running_stack

pytestmark = [pytest.mark.e2e]

SITE = "https://censo.example.org"
CEDULA, PASSWORD = "1020030011", "una-clave-larga"

PIXELS = """
async (encoded) => {
  const image = new Image();
  image.src = `data:image/png;base64,${encoded}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const rgba = pen.getImageData(0, 0, image.width, image.height).data;
  return Array.from({ length: image.height }, (_, y) =>
    Array.from({ length: image.width }, (_, x) => rgba[4 * (y * image.width + x)] < 128));
}
"""
"""The dark pixels of a PNG, row by row."""

SHARING = """
window.shared = [];
navigator.share = async (data) => {
  shared.push(data);
  if (window.refusal) throw new DOMException("no", window.refusal);
};
"""
"""Stands where the system's own dialogue begins, which a browser without a screen does not have."""

MARGINS: PdfMargins = {"top": "1cm", "right": "1cm", "bottom": "1cm", "left": "1cm"}
"""Elements that browsers leave out by themselves when a person prints."""
ALL_OF_IT: ViewportSize = {"width": 360, "height": 2000}
"""A picture that ends at the window's edge gets a row of what is below."""
PRINTING = "window.printed = 0; window.print = () => { window.printed += 1; };"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The site behind an address of its own, and a person."""
    folder: Path = tmp_path_factory.mktemp("invitation")
    with running_stack(folder, SITE_URL=SITE) as stack:
        stack.start_web()
        stack.register(CEDULA)
        yield stack


@pytest.fixture
def link(site: Stack) -> str:
    (row,) = site.query("SELECT referral_code FROM accounts_customuser")
    return f"{SITE}/registro/?ref={row['referral_code']}"


def sign_in(page: Page, site: Stack, path: str) -> None:
    page.goto(f"{site.web_url}/ingresar/?next={path}")
    page.get_by_label("Cédula").fill(CEDULA)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Ingresar").click()
    page.wait_for_url(f"{site.web_url}{path}")


def read(context: BrowserContext, png: bytes) -> qr_reader.Reading:
    """Return a picture's text, read on an empty page: the site's policy may forbid it there."""
    page = context.new_page()
    pixels: list[list[bool]] = page.evaluate(PIXELS, base64.b64encode(png).decode())
    page.close()
    return qr_reader.read(pixels)


def square(page: Page) -> Locator:
    """The code with its quiet zone, which must be enough without the paper around it."""
    return page.get_by_role("img", name="Código QR de tu enlace para invitar").locator("rect")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_camera_reads_the_link_from_the_screen(
    site: Stack, page: Page, link: str, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(ALL_OF_IT)
    sign_in(page, site, "/")
    on_the_home_page = read(page.context, square(page).screenshot())
    page.get_by_role("link", name="Imprimir o descargar").click()
    on_the_sheet = read(page.context, square(page).screenshot())

    assert page.locator(".sheet__link").inner_text() == link
    for reading in (on_the_home_page, on_the_sheet):
        assert reading.text == link
        assert reading.level in {"M", "Q"}
        assert reading.quiet_zone > 3.8  # 4, but for the rounding of a pixel


def test_a_camera_reads_the_link_from_the_file(site: Stack, page: Page, link: str) -> None:
    sign_in(page, site, "/mi-enlace/")

    with page.expect_download() as download:
        page.get_by_role("link", name="Descargar el QR").click()

    assert download.value.suggested_filename == f"qr-{link[-8:]}.png"
    reading = read(page.context, download.value.path().read_bytes())
    assert (reading.text, reading.quiet_zone) == (link, 4)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_sheet_fills_one_page_with_nothing_else(site: Stack, page: Page, paper: str) -> None:
    page.add_init_script(PRINTING)
    sign_in(page, site, "/mi-enlace/")
    page.get_by_role("button", name="Imprimir").click()
    assert page.evaluate("window.printed") == 1

    # As long as a name and an address may be.
    page.locator(".sheet__from strong").evaluate("name => { name.textContent = 'Ana '.repeat(37) }")
    page.locator(".sheet__link").evaluate("link => { link.textContent = 'a'.repeat(120) }")
    assert len(re.findall(rb"/Type /Page\b", page.pdf(format=paper, margin=MARGINS))) == 1

    page.emulate_media(media="print")
    for part in ("banner", "contentinfo", "button", "heading[level=1]"):
        expect(page.locator(f"role={part}")).to_have_count(0)
    expect(page.get_by_role("article", name="¿Sabes dónde votas?")).to_be_visible()


def test_the_system_s_own_sharing_gets_the_message_with_the_link(
    site: Stack, page: Page, link: str
) -> None:
    page.add_init_script(SHARING)
    sign_in(page, site, "/")
    share = page.get_by_role("button", name="Compartir")

    share.click()
    (shared,) = page.evaluate("window.shared")
    assert shared["text"].endswith(f" {link}")

    page.evaluate("window.refusal = 'AbortError'")
    share.click()
    page.evaluate("window.refusal = 'NotAllowedError'")
    share.click()
    expect(page.locator("#toasts")).to_contain_text("No se pudo compartir.")
    expect(page.locator("#toasts .toast-note")).to_have_count(1)  # none for who closed it


def test_what_a_browser_cannot_do_has_no_button(site: Stack, browser: Browser, page: Page) -> None:
    page.add_init_script("delete Navigator.prototype.share")
    sign_in(page, site, "/")
    expect(page.get_by_role("button", name="Copiar enlace")).to_be_visible()
    expect(page.locator("[data-share]")).to_be_hidden()

    with browser.new_context(java_script_enabled=False, locale="es-CO") as context:
        plain = context.new_page()
        sign_in(plain, site, "/mi-enlace/")
        expect(plain.locator(".sheet")).to_be_visible()
        expect(plain.locator("[data-print]")).to_be_hidden()
