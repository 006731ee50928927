"""A lookup's slot at the gate, and the future that its owner watches."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from scraper.results import Lookup


@dataclass(frozen=True, slots=True)
class Turn:
    """The slot in which the site may be visited, in seconds of `time.monotonic()`."""

    opens_at: float
    """The visit may not begin before this moment."""
    closes_at: float
    """The visit may not begin after this moment: the next slot belongs to another lookup."""


class Stage(StrEnum):
    """The stage that a lookup has reached."""

    WAITING = "waiting"
    """The page is being prepared, or the turn has not come."""
    OPENING = "opening"
    """The site is being visited."""
    SOLVING = "solving"
    """The captcha is with the service."""
    READING = "reading"
    """The question is sent; the answer is awaited or read."""


def do_nothing() -> None:
    """Ignore a visit."""


@dataclass(eq=False)
class LookupFuture(Future[Lookup]):
    """A `Future[Lookup]` that also shows how far the lookup has come.

    The session's thread writes it, the owner's reads it, without a lock: no two attributes depend
    on each other, and the list only grows. `result()` raises a `ScraperError` if there is no
    answer. `cancel()` does nothing and returns False: only the scraper can cancel a lookup.
    """

    on_visited: Callable[[], None] = do_nothing
    """Called once, on the session's thread, when the site has been visited."""
    stages: list[tuple[Stage, datetime]] = field(default_factory=list)
    """The stages so far with the moment each began; empty while the lookup waits."""
    visited_at: float | None = None
    """`time.monotonic()` by which the site had the request; None: not visited."""
    solves_paid: int = 0
    """The number of captchas that the service accepted for this lookup."""
    page_shape: str = ""
    """The name of the shape that the page was recognised as, '' until then."""

    def __post_init__(self) -> None:
        Future.__init__(self)
        self.set_running_or_notify_cancel()

    @property
    def stage(self) -> Stage:
        """The current stage, or the last one."""
        return self.stages[-1][0] if self.stages else Stage.WAITING

    def enter(self, stage: Stage) -> None:
        """Note that `stage` begins now. Call it on the session's thread."""
        self.stages.append((stage, datetime.now(UTC)))
