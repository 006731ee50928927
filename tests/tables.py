"""A leader's table in a test's browser, and the page's requests."""

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
    """Records a page's requests and navigations."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.navigations = 0
        self._page = page
        page.on("request", lambda request: self._note(request.url, request.is_navigation_request()))

    def _note(self, url: str, navigates: bool) -> None:  # noqa: FBT001  from Playwright
        self.requests.append(url)
        self.navigations += navigates

    def polls(self) -> int:
        """The number of polls so far, including those that are just being sent."""
        # After this round trip every request that a timer began before has been sent.
        self._page.evaluate("fetch('/politica/').then(answer => answer.text())")
        return sum("/referidos/pending/" in url for url in self.requests)
