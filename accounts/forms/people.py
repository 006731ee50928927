"""The forms of registration and profile. Errors are sentences in Spanish at their field."""

from typing import Any

from django import forms

from accounts.forms.base import GuidedForm, Throttled
from accounts.forms.fields import CedulaField, GoalField, NameField, PhoneField
from accounts.forms.password_fields import check_new_password, new_password, repeated_password
from accounts.models import CustomUser


class OwnDataForm(GuidedForm, forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What people tell about themselves: the fields that are not declared follow the model's."""

    nombre_completo = NameField()
    phone = PhoneField()

    class Meta:
        model = CustomUser
        fields = CustomUser.OWN_FIELDS


class RegistrationForm(OwnDataForm, Throttled):
    """A new person's data, password and consent. Any other posted field is ignored."""

    # Not among Meta.fields: its uniqueness is not checked here, or the form would reveal it.
    cedula = CedulaField(help_text="Con puntos o sin puntos.")
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

    field_order = ("cedula",)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        person = CustomUser(
            **{name: data.get(name, "") for name in ("cedula", *CustomUser.OWN_FIELDS)}
        )
        check_new_password(self, person, "password1", "password2")
        return data


class ProfileForm(OwnDataForm):
    """The data that people may change themselves. The cédula is not among it."""

    referral_goal = GoalField(help_text="Cuántas personas quieres invitar. Con 0 no llevas meta.")

    class Meta(OwnDataForm.Meta):
        fields = (*CustomUser.OWN_FIELDS, "referral_goal")
