"""Draw the PNG icons for phones from static/img/favicon.svg. Run it when that file changes."""

import base64
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from scraper.browser.chromium import FLAGS, executable

IMAGES = Path(__file__).resolve().parents[1] / "static" / "img"
GROUND = "#0f5b5f"
"""The drawing's own background. It fills the margin that systems cut into shapes of their own."""
SAFE = 0.82
"""The drawing's share of a maskable icon's side. Systems may cut away what lies outside a circle of
80 % of the side (W3C): of the drawing, only bare corners reach beyond it."""


def draw(page: Page, name: str, side: int, *, share: float, ground: str = "transparent") -> None:
    """Write one icon of `side` pixels: the drawing on `share` of it, on the colour `ground`."""
    drawing = base64.b64encode((IMAGES / "favicon.svg").read_bytes()).decode()
    page.set_viewport_size({"width": side, "height": side})
    page.set_content(
        f'<body style="margin:0;display:grid;place-items:center;height:100vh;background:{ground}">'
        f'<img src="data:image/svg+xml;base64,{drawing}" width="{side * share}">'
    )
    page.locator("img").evaluate("image => image.decode()")
    page.screenshot(path=IMAGES / f"{name}.png", omit_background=True)


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable("", playwright.chromium.executable_path),
            args=[*FLAGS, "--no-sandbox"],  # safe: the page is a file of our own
        )
        page = browser.new_page()
        for side in (192, 512):
            draw(page, f"icon-any-{side}", side, share=1)
            draw(page, f"icon-maskable-{side}", side, share=SAFE, ground=GROUND)
        draw(page, "apple-touch-icon", 180, share=0.9, ground=GROUND)
        browser.close()


if __name__ == "__main__":
    main()
