"""The budget: asked for a permit before each captcha is bought."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Permit:
    """Allows one captcha to be bought; counted on `day`."""

    day: date


class Budget(Protocol):
    """Gives permits. Called on a session's event loop, where the database must not be used."""

    async def take(self) -> Permit:
        """Return a permit. Raises SolverLimitReached if none is left today."""

    def note_bought(self, permit: Permit) -> None:
        """Count a captcha that the service accepted: it is paid."""

    def give_back(self, permit: Permit) -> None:
        """Take back a permit whose captcha the service certainly did not accept."""


class UnlimitedBudget:
    """A budget without limit that counts nothing: for a scraper that is used by hand."""

    async def take(self) -> Permit:
        return Permit(date.min)

    def note_bought(self, permit: Permit) -> None:
        """Do nothing."""

    def give_back(self, permit: Permit) -> None:
        """Do nothing."""
