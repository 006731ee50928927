"""The party responsible for the data. Plain Python, because the settings import it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Responsible:
    """The party responsible for the data (Ley 1581, artículo 3), as the policy names it."""

    name: str = ""
    identification: str = ""
    """A NIT or a cédula."""
    address: str = ""
    email: str = ""
    phone: str = ""

    @property
    def is_named(self) -> bool:
        """True if it has what the law demands: name, address and a way to reach it."""
        return bool(self.name and self.address and self.email)
