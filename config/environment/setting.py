"""The declaration of a setting, and how its value is read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Generic

from django.core.exceptions import ImproperlyConfigured

from config.environment.kinds import BOOLEAN, Kind, Refused, T_co


@dataclass(eq=False)
class Setting(Generic[T_co]):
    """A variable of the environment; its name is that of the attribute it is assigned to."""

    kind: Kind[T_co]
    default: str = ""
    """The default, as an operator would write it. A variable that is empty counts as not set."""
    _: KW_ONLY
    wrong: str
    """A value that is refused, for the test of the configuration."""
    wrong_with: Mapping[str, str] = field(default_factory=dict)
    """The other variables with which `wrong` is refused."""
    in_debug: str | None = None
    """The default where DEBUG is on, if it is another."""
    unset: str = "none"
    """The value that applies without a value and a default, in words for docs/settings.md."""
    example: str = ""
    """A value for .env.example where there is no default."""
    secret: bool = False
    """The value may stand in a file, which NAME_FILE names; no message repeats it."""
    name: str = field(init=False)

    def __set_name__(self, _owner: type, name: str) -> None:
        self.name = name

    @property
    def variables(self) -> list[str]:
        """All variables that are read: the name, and for a secret that of its file."""
        return [self.name, f"{self.name}_FILE"] if self.secret else [self.name]

    def read(self) -> T_co:
        """Return the value that is set now, or the default.

        Raises ImproperlyConfigured with a sentence that begins with the variable.
        """
        try:
            return self.kind.parse(self._given() or self._default())
        except Refused as refusal:
            shown = "what is set" if self.secret else repr(refusal.value)
            ending = "" if refusal.value is None else f", not {shown}"
            raise ImproperlyConfigured(f"{self.name} {refusal.problem}{ending}.") from None

    def _default(self) -> str:
        if self.in_debug is not None and DEBUG.read():
            return self.in_debug
        return self.default

    def _given(self) -> str:
        """Return the variable, or what the file holds that NAME_FILE names; '' if neither is set.

        Files are how Docker and systemd hand over credentials: an environment is inherited, and
        shown by `docker inspect`. No message repeats either variable: people put the secret into
        the wrong one.
        """
        given = os.environ.get(self.name, "").strip()
        file = f"{self.name}_FILE"
        path = os.environ.get(file, "").strip() if self.secret else ""
        if not path:
            return given
        if given:
            raise ImproperlyConfigured(f"{file} and {self.name} are both set: keep one of them.")
        try:
            held = Path(path).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise ImproperlyConfigured(
                f"{file} must name a file that can be read: {problem.strerror}."
            ) from None
        except ValueError:
            raise ImproperlyConfigured(f"{file} must name a file of UTF-8 text.") from None
        if not held:
            raise ImproperlyConfigured(f"{file} names a file that is empty.")
        return held


class Group:
    """Settings that belong together, declared by a subclass in the order of the documents.

    The first line of the subclass's docstring is their heading; the rest concerns all of them.
    """

    @classmethod
    def settings(cls) -> list[Setting[object]]:
        return [value for value in vars(cls).values() if isinstance(value, Setting)]


# Here and not in declarations.py alone, because other settings' defaults depend on it.
DEBUG = Setting(BOOLEAN, "false", wrong="maybe")
DEBUG.name = "DEBUG"
