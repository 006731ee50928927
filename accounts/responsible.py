"""Who answers for the data. Plain Python: the settings make one before Django is there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who answers for the data (Ley 1581, artículo 3), as the policy names them."""

    name: str = ""
    identification: str = ""
    """A NIT or a cédula."""
    address: str = ""
    email: str = ""
    phone: str = ""

    @property
    def is_named(self) -> bool:
        """Whether it says enough for the law: who, where, and how to reach them."""
        return bool(self.name and self.address and self.email)
