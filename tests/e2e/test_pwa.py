"""The site as an app on a phone: Chromium would install it, and its icons are the site's own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser import launch_for_one
from tests.stack import Stack

pytestmark = [pytest.mark.e2e]

SIDES = """
async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  return [image.naturalWidth, image.naturalHeight];
}
"""
PIXELS = """
async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const pen = new OffscreenCanvas(48, 48).getContext("2d");
  pen.drawImage(image, 0, 0, 48, 48);
  return [...pen.getImageData(0, 0, 48, 48).data];
}
"""
"""Red, green, blue and opacity of each of 48 by 48 pixels."""


@pytest.fixture(scope="module")
def phone(quiet_site: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser with a profile: in a private window nothing can be installed."""
    folder: Path = tmp_path_factory.mktemp("profile")
    with sync_playwright() as playwright:
        context = launch_for_one(playwright, folder)
        page = context.new_page()
        page.goto(f"{quiet_site.web_url}/ingresar/")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        yield page
        context.close()


@pytest.fixture(scope="module")
def manifest(phone: Page) -> dict[str, Any]:
    """Return the manifest as Chromium has read it."""
    answer = phone.context.new_cdp_session(phone).send("Page.getAppManifest")
    assert answer["errors"] == []
    found: dict[str, Any] = answer["manifest"]
    return found


def test_chromium_would_install_it(phone: Page) -> None:
    session = phone.context.new_cdp_session(phone)
    assert session.send("Page.getInstallabilityErrors") == {"installabilityErrors": []}


def test_it_starts_at_the_home_page_in_a_window_of_its_own(
    quiet_site: Stack, manifest: dict[str, Any]
) -> None:
    home = f"{quiet_site.web_url}/"
    assert (manifest["id"], manifest["startUrl"], manifest["scope"]) == (home, home, home)
    assert manifest["name"] == "Censo al Día"
    assert manifest["display"] == "kStandalone"


def test_its_colours_are_those_of_the_pages(phone: Page, manifest: dict[str, Any]) -> None:
    """Else the screen flashes when the app starts."""
    phone.emulate_media(color_scheme="light")
    ground = phone.evaluate("getComputedStyle(document.body).backgroundColor")
    assert manifest["backgroundColor"] == ground.replace("rgb(", "rgba(").replace(
        ")", ",1)"
    ).replace(" ", "")
    themes = phone.locator("meta[name=theme-color]")
    assert [theme.get_attribute("media") for theme in themes.all()] == [
        f"(prefers-color-scheme: {scheme})" for scheme in ("light", "dark")
    ]


def test_its_icons_are_there_in_the_sizes_that_it_names(
    phone: Page, manifest: dict[str, Any]
) -> None:
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        side = int(icon["sizes"].partition("x")[0])
        assert phone.evaluate(SIDES, icon["url"]) == [side, side]


def test_its_icons_show_the_drawing_that_is_in_force(phone: Page, manifest: dict[str, Any]) -> None:
    """`python -m tools.icons` draws them; nobody else does when the drawing changes."""
    drawing = phone.locator("link[rel=icon]").get_attribute("href")
    expected = phone.evaluate(PIXELS, str(drawing))
    [whole] = [icon["url"] for icon in manifest["icons"] if icon["url"].endswith("any-192.png")]
    shown = phone.evaluate(PIXELS, whole)
    differences = [abs(one - other) for one, other in zip(expected, shown, strict=True)]
    assert sum(differences) / len(differences) < 4  # of 255: edges are smoothed in another way


def test_icons_that_systems_cut_have_no_holes(phone: Page, manifest: dict[str, Any]) -> None:
    touch = phone.locator("link[rel=apple-touch-icon]").get_attribute("href")
    masked = [icon["url"] for icon in manifest["icons"] if "maskable" in icon["url"]]
    assert len(masked) == 2
    for address in (str(touch), *masked):
        assert set(phone.evaluate(PIXELS, address)[3::4]) == {255}
