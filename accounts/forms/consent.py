"""The forms in which people decide about their data."""

from django import forms

from accounts.forms.base import GuidedForm, OwnForm
from accounts.forms.password_fields import known_password


class AuthorisationForm(GuidedForm, forms.Form):
    """The consent of a person who has an account already."""

    data_policy_accepted = forms.BooleanField(
        label="Autorizo el uso de mis datos",
        error_messages={
            "required": "Marca la casilla si das tu autorización; si no, elige «No autorizo»."
        },
    )
    messages_accepted = forms.BooleanField(label="Acepto que me escriban", required=False)


class EraseAccountForm(OwnForm):
    """Confirm by password: an unlocked phone alone must not be enough to delete an account."""

    password = known_password("Tu contraseña", "Escribe tu contraseña para confirmar.")

    def clean_password(self) -> str:
        return self.confirmed_password(self.cleaned_data["password"])
