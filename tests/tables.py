"""A leader's table as a test's browser shows it, and what the page asks the server for."""

from playwright.sync_api import Locator, Page


def rows(page: Page) -> Locator:
    return page.locator("tr.referido")


def row(page: Page, name: str) -> Locator:
    return rows(page).filter(has=page.get_by_role("link", name=name, exact=True))


def toggle(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Detalles de {name}")


def names(page: Page) -> list[str]:
    return page.locator("tr.referido > th").all_inner_texts()


class Journey:
    """What a page asked the server for since this was made, and whether it was loaded anew."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.navigations = 0
        self._page = page
        page.on("request", lambda request: self._note(request.url, request.is_navigation_request()))

    def _note(self, url: str, navigates: bool) -> None:  # noqa: FBT001  playwright's answer
        self.requests.append(url)
        self.navigations += navigates

    def polls(self) -> int:
        """How often the page has asked for changes, its requests of this moment included."""
        # A round trip of the page's own: what the clock has set off was sent before it.
        self._page.evaluate("fetch('/politica/').then(answer => answer.text())")
        return sum("/referidos/pending/" in url for url in self.requests)
