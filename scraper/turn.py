"""A lookup's turn at the gate, and the future that its owner watches."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from scraper.results import Lookup


@dataclass(frozen=True, slots=True)
class Turn:
    """When the site may be visited, on this process's `time.monotonic()` clock, in seconds."""

    opens_at: float
    """The visit may not begin before this moment."""
    closes_at: float
    """The visit may not begin after this moment: the slot is somebody else's then."""


class Stage(StrEnum):
    """What a lookup is doing now."""

    WAITING = "waiting"
    """The page is being prepared, or its turn has not come."""
    OPENING = "opening"
    """The site is being visited."""
    SOLVING = "solving"
    """The captcha is with the service."""
    READING = "reading"
    """The question is sent; the answer is awaited or read."""


def do_nothing() -> None:
    """Whom a visit does not concern."""


@dataclass(eq=False)
class LookupFuture(Future[Lookup]):
    """A `Future[Lookup]` that also tells how far the lookup has come.

    Written by the session's thread, read by the owner's: single attributes, no invariants
    between them, and a list that only grows, so that neither waits for the other. `result()`
    raises a `ScraperError` where there is no answer. `cancel()` does nothing and says so: a lookup
    is called off through the scraper that runs it.
    """

    on_visited: Callable[[], None] = do_nothing
    """Called once, on the session's thread, when the site has been visited."""
    stages: list[tuple[Stage, datetime]] = field(default_factory=list)
    """What it began to do, and when, in order; empty while it waits."""
    visited_at: float | None = None
    """`time.monotonic()` of the moment by which the site had the request; None: not visited."""
    solves_paid: int = 0
    """Captchas that the service took on for this lookup."""
    page_shape: str = ""
    """The name of the shape that the page was recognised as, '' until then."""

    def __post_init__(self) -> None:
        Future.__init__(self)
        self.set_running_or_notify_cancel()

    @property
    def stage(self) -> Stage:
        """What it is doing now, or did last."""
        return self.stages[-1][0] if self.stages else Stage.WAITING

    def enter(self, stage: Stage) -> None:
        """Note that `stage` begins now. For the session's thread."""
        self.stages.append((stage, datetime.now(UTC)))
