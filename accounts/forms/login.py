"""The forms of login, second step and password change. Errors are sentences in Spanish."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django_otp.models import Device

from accounts.forms.base import OwnForm, Throttled
from accounts.forms.fields import CEDULA_ATTRIBUTES, CodeField
from accounts.forms.password_fields import (
    check_new_password,
    known_password,
    new_password,
    repeated_password,
)
from accounts.identity import cedula as cedulas
from accounts.login import credentials, second_step, throttle
from accounts.models import CustomUser

WRONG_LOGIN = "La cédula o la contraseña no coinciden. Revísalas e inténtalo de nuevo."
WRONG_CODE = "Ese código no sirve. Escribe el que muestra ahora tu aplicación."
TYPED_CEDULA_LENGTH = 30
"""Room for dots and spaces. Django's own limit is the ten stored digits."""


class SignInForm(Throttled, AuthenticationForm):
    """Cédula and password, with the same message whichever of them is wrong."""

    remember_me = forms.BooleanField(label="Recuérdame en este equipo", required=False)

    error_messages = dict.fromkeys(("invalid_login", "inactive"), WRONG_LOGIN)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        username, password = self.fields["username"], self.fields["password"]
        username.label = "Número de cédula"
        username.error_messages["required"] = cedulas.MISSING
        username.widget.attrs |= {"maxlength": TYPED_CEDULA_LENGTH, **CEDULA_ATTRIBUTES}
        username.widget.attrs["autofocus"] = False  # the page's heading comes first
        password.label = "Contraseña"
        password.error_messages["required"] = "Escribe tu contraseña."

    def clean(self) -> dict[str, Any]:
        """Check cédula and password as Django does, with a rate limit."""
        username = self.cleaned_data.get("username")
        password = self.cleaned_data.get("password")
        if not (self.request and username and password):
            return self.cleaned_data
        try:
            self.user_cache = credentials.check_login(self.request, username, password)
        except throttle.Locked as problem:
            self.lock(problem)
            return self.cleaned_data
        if self.user_cache is None:
            raise self.get_invalid_login_error()
        return self.cleaned_data


class CodeForm(OwnForm):
    """The code of the second step. A valid form has the device of the code as `device`."""

    code = CodeField(
        label="Código",
        help_text=(
            "El de 6 números que muestra tu aplicación. Si no tienes el celular, escribe uno de tus"
            " códigos de recuperación."
        ),
    )
    device: Device | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                self.device = self.check_code(data["code"])
            except throttle.Locked as problem:
                self.lock(problem)
            else:
                if self.device is None:
                    self.add_error("code", ValidationError(WRONG_CODE, code="wrong"))
        return data

    def check_code(self, code: str) -> Device | None:
        """Return the device that gave the code, or None. A code works only once."""
        return second_step.check_code(self.user, code)


class ConfirmDeviceForm(CodeForm):
    """The first code of an authenticator app that is being set up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "El de 6 números que muestra ahora tu aplicación."

    def check_code(self, code: str) -> Device | None:
        return second_step.confirm_device(self.user, code)


class PasswordAndCodeForm(CodeForm):
    """Confirm by password and code: an unlocked phone alone must not be enough."""

    password = known_password("Contraseña", "Escribe tu contraseña.")
    field_order = ("password", "code")

    def clean_password(self) -> str:
        return self.confirmed_password(self.cleaned_data["password"])


class ChangePasswordForm(OwnForm):
    """A new password, after the old one."""

    old_password = known_password("Contraseña actual", "Escribe tu contraseña actual.")
    new_password1 = new_password("Contraseña nueva", "Escribe la contraseña nueva.")
    new_password2 = repeated_password(
        "Repite la contraseña nueva", "Escribe la contraseña nueva otra vez."
    )

    def clean_old_password(self) -> str:
        return self.confirmed_password(self.cleaned_data["old_password"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        check_new_password(self, self.user, "new_password1", "new_password2")
        return data

    def save(self) -> CustomUser:
        """Store the new password and return the user."""
        self.user.set_password(self.cleaned_data["new_password1"])
        self.user.save(update_fields=["password"])
        return self.user
