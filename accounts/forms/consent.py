"""The forms in which people decide about their data."""

from typing import Any

from django import forms

from accounts.forms.base import GuidedForm, Throttled, confirmed_password
from accounts.forms.password_fields import known_password
from accounts.models import CustomUser


class AuthorisationForm(GuidedForm, forms.Form):
    """The consent of a person who has an account already."""

    data_policy_accepted = forms.BooleanField(
        label="Autorizo el uso de mis datos",
        error_messages={
            "required": "Marca la casilla si das tu autorización; si no, elige «No autorizo»."
        },
    )
    messages_accepted = forms.BooleanField(label="Acepto que me escriban", required=False)


class EraseAccountForm(Throttled, forms.Form):
    """Confirm by password: an unlocked phone alone must not be enough to delete an account."""

    password = known_password("Tu contraseña", "Escribe tu contraseña para confirmar.")

    def __init__(self, user: CustomUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        return confirmed_password(self, self.cleaned_data["password"])
