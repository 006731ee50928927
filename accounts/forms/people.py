"""The forms of registration and profile. Errors are sentences in Spanish at their field."""

from typing import Any

from django import forms

from accounts.forms.base import GuidedForm, Throttled
from accounts.forms.fields import CedulaField, GoalField, NameField, PhoneField
from accounts.forms.password_fields import check_new_password, new_password, repeated_password
from accounts.models import CustomUser


class RegistrationForm(Throttled, forms.Form):
    """A new person's data, password and consent. Any other posted field is ignored."""

    cedula = CedulaField(help_text="Con puntos o sin puntos.")
    nombre_completo = NameField()
    phone = PhoneField(
        help_text="Te escribimos solo si abajo lo aceptas. Sirve también un fijo, con su 60."
    )
    password1 = new_password("Contraseña", "Escribe una contraseña.")
    password2 = repeated_password("Repite la contraseña", "Escribe la contraseña otra vez.")
    data_policy_accepted = forms.BooleanField(
        label="Autorizo el uso de mis datos",
        error_messages={
            "required": "Sin tu autorización no podemos registrarte: marca la casilla si la das."
        },
    )
    messages_accepted = forms.BooleanField(label="Acepto que me escriban", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        person = CustomUser(
            **{name: data.get(name, "") for name in ("cedula", "nombre_completo", "phone")}
        )
        check_new_password(self, person, "password1", "password2")
        return data


class ProfileForm(GuidedForm, forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """The data that people may change themselves. The cédula is not among it."""

    nombre_completo = NameField()
    phone = PhoneField()
    referral_goal = GoalField(help_text="Cuántas personas quieres invitar. Con 0 no llevas meta.")

    class Meta:
        model = CustomUser
        fields = ("nombre_completo", "phone", "referral_goal")
