"""What the forms have in common: fields that guide browsers, limits on tries, a password again."""

from typing import Protocol

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms.fields import ToldField
from accounts.login import credentials, throttle
from accounts.models import CustomUser


class Told(forms.BaseForm):
    """A form whose fields tell browsers how they judge."""

    bound_field_class = ToldField


class Throttled(Told):
    """A form whose tries are limited: where there were too many it says how long to wait."""

    locked: throttle.Locked | None = None

    def lock(self, problem: throttle.Locked) -> None:
        """Refuse what was sent, whatever it was; the page answers 429."""
        self.locked = problem
        self.add_error(None, ValidationError(str(problem), code="locked"))


class PasswordOnceMore(Protocol):
    """A form of somebody who is logged in, which asks for their password again."""

    user: CustomUser
    locked: throttle.Locked | None


def confirmed_password(form: PasswordOnceMore, password: str) -> str:
    """`password`, where it is that of the person who is logged in, tries being counted."""
    try:
        is_right = credentials.confirm_password(form.user, password)
    except throttle.Locked as problem:
        form.locked = problem
        raise ValidationError(str(problem), code="locked") from problem
    if not is_right:
        raise ValidationError("Esa no es tu contraseña actual.", code="wrong")
    return password
