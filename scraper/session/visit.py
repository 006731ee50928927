"""A page's one visit to the site: its first request is held back until its turn, then reported.

The interval between visits is kept as the site sees them. So what counts is the moment at which
the request for the document leaves, and a page gets no second one: a page that reloads itself
would make a visit without a turn.
"""

import asyncio
import logging
from collections.abc import Callable

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Route

from scraper.background import drop, ignore_outcome
from scraper.browser.failures import first_line
from scraper.browser.running import Tab

logger = logging.getLogger(__name__)

UNSEEN_SECONDS = 2.0
"""A visit counts as made this long after its release if nothing else reports it. Only a connection
that takes longer to open could then reach the site late."""

SEEN_SECONDS = 0.25
"""The site counts as having seen a request when its response begins, or this long after it was
sent: a busy site reads a request late (40 ms were measured at a load of 16), and waiting for a
slow response would delay everybody's next visit."""

NEVER_LOADED = frozenset({"image", "font", "media"})


class Visit:
    """Routes all requests of a page. Only `release` lets the first document's request through."""

    def __init__(self, page: Page, on_visited: Callable[[], None]) -> None:
        self.held: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
        """Done when the page has asked for its document."""
        self.is_released = False
        self._is_sent = False
        self._is_reported = False
        self._page = page
        self._on_visited = on_visited
        self._fallback: asyncio.TimerHandle | None = None

    @classmethod
    async def prepare(cls, tab: Tab, on_visited: Callable[[], None]) -> "Visit":
        """Route all that the tab will load.

        `on_visited` is called once, when the site has the request; never if it was not sent.
        """
        visit = cls(tab.page, on_visited)
        await tab.context.route("**/*", visit._on_request)
        tab.context.on("page", visit._close_popup)
        tab.page.on("response", lambda _: visit._report())
        tab.page.on("requestfailed", lambda _: visit._report())
        # This event comes when the headers are written to an open connection.
        network = await tab.context.new_cdp_session(tab.page)
        network.on("Network.requestWillBeSentExtraInfo", lambda _: visit._note_sent())
        await network.send("Network.enable")
        return visit

    async def release(self) -> None:
        """Let the document's request through, now."""
        route = self.held.result()
        self.is_released = True
        self._report_after(UNSEEN_SECONDS)
        await route.continue_()

    def finish(self) -> None:
        """Report the visit if it was released and not reported yet, however it went."""
        self._report()
        drop(self.held)

    def _note_sent(self) -> None:
        if self.is_released and not self._is_reported and not self._is_sent:
            self._is_sent = True
            self._report_after(SEEN_SECONDS)

    def _report_after(self, seconds: float) -> None:
        if self._fallback is not None:
            self._fallback.cancel()
        self._fallback = asyncio.get_running_loop().call_later(seconds, self._report)

    def _report(self) -> None:
        """Report the visit once. Until the document has arrived no other request is in flight."""
        if not self.is_released or self._is_reported:
            return
        self._is_reported = True
        if self._fallback is not None:
            self._fallback.cancel()
        self._on_visited()

    async def _on_request(self, route: Route, request: Request) -> None:
        try:
            if not _is_document(request):
                unwanted = request.resource_type in NEVER_LOADED
                await (route.abort() if unwanted else route.continue_())
            elif not self._is_ours(request):
                await route.abort("aborted")
            elif request.method != "GET":
                await route.continue_()  # the page submits its form
            elif not self.held.done():
                self.held.set_result(route)
            else:
                # "aborted" leaves the page as it is; any other error code shows an error page.
                await route.abort("aborted")
        except PlaywrightError as error:
            logger.debug("A request of a page that is gone: %s", first_line(error))

    def _is_ours(self, request: Request) -> bool:
        return _has_frame(request) and request.frame == self._page.main_frame

    def _close_popup(self, popup: Page) -> None:
        if popup != self._page:
            ignore_outcome(asyncio.ensure_future(popup.close()))


def _is_document(request: Request) -> bool:
    """True for a request for a whole page: no frame and no part of one."""
    return request.is_navigation_request() and (
        not _has_frame(request) or request.frame.parent_frame is None
    )


def _has_frame(request: Request) -> bool:
    """False for the first request of a popup, which has no page yet."""
    try:
        return request.frame is not None
    except PlaywrightError:
        return False
