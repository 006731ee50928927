"""Inputs for new and existing passwords, and the check of a new one."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    MinimumLengthValidator,
    get_default_password_validators,
    validate_password,
)
from django.core.exceptions import ValidationError

from accounts.forms.fields import GuidedField
from accounts.identity.rules import Rule, Rules
from accounts.models import CustomUser

STRENGTH_HELP = (
    "Mínimo 8 caracteres. Que no sea solo de números ni se parezca a tu nombre o a tu cédula."
)
PASSWORD_PROBLEMS = {
    "password_too_short": "La contraseña es muy corta: usa al menos %(min_length)d caracteres.",
    "password_too_similar": "La contraseña se parece demasiado a tus datos. Elige otra.",
    "password_too_common": "Esa contraseña es de las más usadas y se adivina fácil. Elige otra.",
    "password_entirely_numeric": "La contraseña no puede ser solo de números: agrega letras.",
}
"""{code of Django's validator: sentence}. Django's own sentences say "usted"."""
MISMATCH = "Las dos contraseñas no son iguales. Escríbelas de nuevo."
LONG = 12
"""Characters from which the hint praises the length. Eight are accepted."""


class RepeatedField(GuidedField):
    """The second of two inputs, which must equal the first."""

    def build_widget_attrs(
        self, attrs: dict[str, str | bool], widget: forms.Widget | None = None
    ) -> dict[str, str | bool]:
        first = self.name.replace("2", "1")
        same = {"data-same-as": str(self.form[first].id_for_label), "data-different": MISMATCH}
        return super().build_widget_attrs(attrs, widget) | same


class PasswordField(forms.CharField):
    """A password, with the spaces at its ends."""

    def __init__(self, label: str, autocomplete: str, missing: str, **options: Any) -> None:
        self.rules: Rules = options.pop("rules", Rules())
        super().__init__(
            label=label,
            strip=False,
            error_messages={"required": missing},
            widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
            **options,
        )


def known_password(label: str, missing: str) -> PasswordField:
    return PasswordField(label, "current-password", missing)


def new_password(label: str, missing: str) -> PasswordField:
    """A new password, with the rules that a browser can check; the server checks more."""
    return PasswordField(
        label, "new-password", missing, help_text=STRENGTH_HELP, rules=new_password_rules()
    )


def repeated_password(label: str, missing: str) -> PasswordField:
    """The repetition, for a field whose name ends in 2 beside one whose name ends in 1."""
    return PasswordField(label, "new-password", missing, bound_field_class=RepeatedField)


def new_password_rules() -> Rules:
    """The rules for the browser: minimum length, and not digits alone."""
    validators = get_default_password_validators()
    [least] = [rule.min_length for rule in validators if isinstance(rule, MinimumLengthValidator)]
    too_short = PASSWORD_PROBLEMS["password_too_short"] % {"min_length": least}
    digits_alone = PASSWORD_PROBLEMS["password_entirely_numeric"]
    return Rules(
        required=(Rule(rf"^[\s\S]{{{least}}}", too_short), Rule(r"[^0-9]", digits_alone)),
        hints=(
            Rule(rf"^[\s\S]{{{LONG}}}", "Tiene {count} caracteres: buen largo."),
            Rule("", f"Tiene {{count}} caracteres. Con {LONG} o más es más difícil de adivinar."),
        ),
    )


def check_new_password(form: forms.BaseForm, user: CustomUser, first: str, second: str) -> None:
    """Add errors to the form if the two passwords differ or the password is too weak."""
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
