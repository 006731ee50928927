"""Base classes of the forms: fields with browser hints, rate limits, password confirmation."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms.fields import GuidedField
from accounts.login import credentials, throttle
from accounts.models import CustomUser


class GuidedForm(forms.BaseForm):
    """A form whose inputs carry their rules, so that static/js/forms.js can guide the person."""

    bound_field_class = GuidedField


class Throttled(GuidedForm):
    """A form with a rate limit. After too many tries it says how long to wait."""

    locked: throttle.Locked | None = None

    def lock(self, problem: throttle.Locked) -> None:
        """Make the form invalid because of the rate limit; the page then answers 429."""
        self.locked = problem
        self.add_error(None, ValidationError(str(problem), code="locked"))


class OwnForm(Throttled, forms.Form):
    """A rate-limited form of a logged-in person, which may ask for their password again."""

    def __init__(self, user: CustomUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def confirmed_password(self, password: str) -> str:
        """Return `password` if it is the user's, or raise ValidationError. Count the tries."""
        try:
            is_right = credentials.confirm_password(self.user, password)
        except throttle.Locked as problem:
            self.locked = problem
            raise ValidationError(str(problem), code="locked") from problem
        if not is_right:
            raise ValidationError("Esa no es tu contraseña actual.", code="wrong")
        return password
