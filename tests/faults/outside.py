"""The simulated census and captcha service, as two servers that can be stopped apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scraper.simulator import Simulator
from tests.stack import Stack


class Outside:
    """Two simulators that share one world: the census accepts the captcha service's tokens."""

    def __init__(self, **settings: object) -> None:
        self.census = Simulator(**settings)  # type: ignore[arg-type]  # one of them is a number
        self.captchas = Simulator()
        self.captchas.world = self.census.world

    def change(self, **settings: object) -> None:
        """Change the world's settings; docs/simulator.md lists them."""
        self.census.set(**settings)

    def log(self) -> dict[str, Any]:
        return self.census.log()

    def asked(self) -> int:
        """The number of captchas that the service accepted."""
        return len(self.log()["captchas"])

    def sold(self) -> int:
        """The number of tokens that it has charged for: those it solved."""
        keys = {captcha["key"] for captcha in self.log()["captchas"]}
        return sum(self.census.world.desk.spent(key) for key in keys)


@contextmanager
def outside_of(stack: Stack, **settings: object) -> Iterator[Outside]:
    """Run both servers; workers of `stack` that are started then use them."""
    outside = Outside(**settings)
    with outside.census, outside.captchas:
        stack.simulator_url = outside.census.url
        stack.environment["REGISTRADURIA_URL"] = outside.census.url_a
        stack.environment["TWOCAPTCHA_URL"] = outside.captchas.url
        yield outside
