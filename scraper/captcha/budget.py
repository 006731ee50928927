"""Whether a captcha may be bought: asked before each purchase."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Permit:
    """The permission to buy one captcha, on the account of one day."""

    day: date


class Budget(Protocol):
    """Gives permissions. Asked on the loop of a session, which knows no database."""

    async def take(self) -> Permit:
        """A permission. Raises SolverLimitReached where there is none today."""

    def note_bought(self, permit: Permit) -> None:
        """The service took the captcha on: it is paid."""

    def give_back(self, permit: Permit) -> None:
        """The service certainly did not take it on."""


class NoCeiling:
    """Lets everything be bought, and counts nothing: for a scraper that somebody uses by hand."""

    async def take(self) -> Permit:
        return Permit(date.min)

    def note_bought(self, permit: Permit) -> None:
        """Nobody counts."""

    def give_back(self, permit: Permit) -> None:
        """Nobody counts."""
