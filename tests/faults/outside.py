"""The census and the captcha service, each behind a door of its own that can be shut."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scraper.simulator import Simulator
from tests.stack import Stack


class Outside:
    """Two simulators with one state: what the captcha service sells, the census takes."""

    def __init__(self, **settings: object) -> None:
        self.census = Simulator(**settings)  # type: ignore[arg-type]  # one of them is a number
        self.captchas = Simulator()
        self.captchas.state = self.census.state

    def change(self, **settings: object) -> None:
        """Change the settings of both, as docs/simulator.md names them."""
        self.census.set(**settings)

    def log(self) -> dict[str, Any]:
        return self.census.log()

    def asked(self) -> int:
        """Return the number of captchas that the service took on."""
        return len(self.log()["captchas"])

    def sold(self) -> int:
        """Return the number of tokens it has charged for: those it solved."""
        keys = {captcha["key"] for captcha in self.log()["captchas"]}
        return sum(self.census.state.captchas.charged(key) for key in keys)


@contextmanager
def outside_of(stack: Stack, **settings: object) -> Iterator[Outside]:
    """An outside world that the stack's worker, once it is started, finds."""
    outside = Outside(**settings)
    with outside.census, outside.captchas:
        stack.simulator_url = outside.census.url
        stack.environment["REGISTRADURIA_URL"] = outside.census.page_url("A")
        stack.environment["TWOCAPTCHA_URL"] = outside.captchas.url
        yield outside
