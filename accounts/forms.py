"""The forms that people fill in about themselves. Errors are Spanish sentences at their field."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.fields import CedulaField, NameField, PhoneField
from accounts.models import CustomUser
from accounts.services import CedulaTaken

STRENGTH_HELP = (
    "Mínimo 8 caracteres. Que no sea solo de números ni se parezca a tu nombre o a tu cédula."
)
PASSWORD_PROBLEMS = {
    "password_too_short": "La contraseña es muy corta: usa al menos %(min_length)d caracteres.",
    "password_too_similar": "La contraseña se parece demasiado a tus datos. Elige otra.",
    "password_too_common": "Esa contraseña es de las más usadas y se adivina fácil. Elige otra.",
    "password_entirely_numeric": "La contraseña no puede ser solo de números: agrega letras.",
}
"""Django's own sentences say "usted"; by the code of its validators."""
WRONG_LOGIN = "La cédula o la contraseña no coinciden. Revísalas e inténtalo de nuevo."
MISMATCH = "Las dos contraseñas no son iguales. Escríbelas de nuevo."
HIGHEST_GOAL = 100_000
TYPED_CEDULA_LENGTH = 30
"""Room for dots and blanks. Django's own limit is the ten digits that are stored."""


def password_field(label: str, autocomplete: str, missing: str, help_text: str = "") -> Any:
    """A password input; blanks at its ends count."""
    return forms.CharField(
        label=label,
        strip=False,
        help_text=help_text,
        error_messages={"required": missing},
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


def check_new_password(form: forms.BaseForm, user: CustomUser, first: str, second: str) -> None:
    """Put an error at the field that is to blame where the two differ or are too weak."""
    password = form.cleaned_data.get(first)
    repeated = form.cleaned_data.get(second)
    if password and repeated and password != repeated:
        form.add_error(second, MISMATCH)
    if password:
        try:
            validate_password(password, user)
        except ValidationError as problems:
            form.add_error(first, [_in_our_words(problem) for problem in problems.error_list])


def _in_our_words(problem: ValidationError) -> ValidationError:
    sentence = PASSWORD_PROBLEMS.get(problem.code or "")
    return ValidationError(sentence, problem.code, problem.params) if sentence else problem


class RegistrationForm(forms.Form):
    """A new person: who they are, a password, and their consent. Other fields are not read."""

    cedula = CedulaField(
        help_text="Con puntos o sin puntos.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "username"}),
    )
    nombre_completo = NameField()
    phone = PhoneField(
        help_text="Te escribimos solo si abajo lo aceptas. Sirve también un fijo, con su 60."
    )
    password1 = password_field(
        "Contraseña", "new-password", "Escribe una contraseña.", STRENGTH_HELP
    )
    password2 = password_field(
        "Repite la contraseña", "new-password", "Escribe la contraseña otra vez."
    )
    data_policy_accepted = forms.BooleanField(
        label="Autorizo el uso de mis datos",
        error_messages={
            "required": "Sin tu autorización no podemos registrarte: marca la casilla si la das."
        },
    )
    messages_accepted = forms.BooleanField(label="Acepto que me escriban", required=False)

    def clean_cedula(self) -> str:
        cedula: str = self.cleaned_data["cedula"]
        if CustomUser.objects.filter(cedula=cedula).exists():
            raise ValidationError(str(CedulaTaken()), code="taken")
        return cedula

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        person = CustomUser(
            **{name: data.get(name, "") for name in ("cedula", "nombre_completo", "phone")}
        )
        check_new_password(self, person, "password1", "password2")
        return data


class SignInForm(AuthenticationForm):
    """Cédula and password; one message for all that can be wrong with them."""

    remember_me = forms.BooleanField(label="Recuérdame en este equipo", required=False)

    error_messages = dict.fromkeys(("invalid_login", "inactive"), WRONG_LOGIN)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        username, password = self.fields["username"], self.fields["password"]
        username.label = "Número de cédula"
        username.error_messages["required"] = "Escribe tu número de cédula."
        username.widget.attrs |= {"maxlength": TYPED_CEDULA_LENGTH, "inputmode": "numeric"}
        username.widget.attrs["autofocus"] = False  # the page's heading comes first
        password.label = "Contraseña"
        password.error_messages["required"] = "Escribe tu contraseña."


class ChangePasswordForm(forms.Form):
    """A new password for somebody who knows the old one."""

    old_password = password_field(
        "Contraseña actual", "current-password", "Escribe tu contraseña actual."
    )
    new_password1 = password_field(
        "Contraseña nueva", "new-password", "Escribe la contraseña nueva.", STRENGTH_HELP
    )
    new_password2 = password_field(
        "Repite la contraseña nueva", "new-password", "Escribe la contraseña nueva otra vez."
    )

    def __init__(self, user: CustomUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if not self.user.check_password(password):
            raise ValidationError("Esa no es tu contraseña actual.", code="wrong")
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        check_new_password(self, self.user, "new_password1", "new_password2")
        return data

    def save(self) -> CustomUser:
        """The user with the new password, saved."""
        self.user.set_password(self.cleaned_data["new_password1"])
        self.user.save(update_fields=["password"])
        return self.user


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What people may change about themselves; the cédula is not part of it."""

    nombre_completo = NameField()
    phone = PhoneField()
    referral_goal = forms.IntegerField(
        label="Meta de referidos",
        help_text="Cuántas personas quieres invitar. Con 0 no llevas meta.",
        min_value=0,
        max_value=HIGHEST_GOAL,
        error_messages={
            "required": "Escribe tu meta de referidos, o 0 si no llevas ninguna.",
            "invalid": "Escribe la meta como un número entero.",
            "min_value": "La meta no puede ser menor que 0.",
            "max_value": "La meta puede ser de hasta %(limit_value)s personas.",
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    class Meta:
        model = CustomUser
        fields = ("nombre_completo", "phone", "referral_goal")
