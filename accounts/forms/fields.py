"""Form fields that clean what people type, and pass their rules to the browser."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.identity import cedula as cedulas
from accounts.identity import phone as phones
from accounts.identity.rules import Rule, Rules

NAME_LENGTHS = range(2, 151)
NO_LETTERS = "Escribe tu nombre con letras."
ONE_LETTER = "Escribe tu nombre completo, no solo una letra."
HIGHEST_GOAL = 100_000
TYPED_CODE_LENGTH = 30
"""Room for the spaces and dashes of a recovery code."""


CEDULA_ATTRIBUTES = {
    "inputmode": "numeric",
    "autocomplete": "username",
    "data-grouped": "thousands",
}
"""For every input of the person's own cédula. No `pattern`: dots are optional."""


class GuidedField(forms.BoundField):
    """A field whose input carries its rules and errors, which static/js/forms.js reads."""

    def build_widget_attrs(
        self, attrs: dict[str, str | bool], widget: forms.Widget | None = None
    ) -> dict[str, str | bool]:
        built = super().build_widget_attrs(attrs, widget)
        if self.field.required:
            built["data-missing"] = str(self.field.error_messages["required"])
        rules = getattr(self.field, "rules", None)
        if isinstance(rules, Rules):
            built |= rules.attributes()
        if not isinstance(self.field.widget, forms.CheckboxInput):
            built["enterkeyhint"] = "next" if self._more_is_asked() else "go"
        return built

    def _more_is_asked(self) -> bool:
        """True if a required field follows this one in the form."""
        names = list(self.form.fields)
        following = names[names.index(self.name) + 1 :]
        return any(self.form.fields[name].required for name in following)


class CedulaField(forms.CharField):
    """A cédula with or without dots and spaces, cleaned to its digits."""

    rules = cedulas.RULES

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Número de cédula")
        options.setdefault("error_messages", {"required": cedulas.MISSING})
        options.setdefault("widget", forms.TextInput(attrs=CEDULA_ATTRIBUTES))
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        try:
            return cedulas.normalise(text) if text else ""
        except cedulas.InvalidCedula as problem:
            raise ValidationError(str(problem), code="cedula") from problem


class PhoneField(forms.CharField):
    """A Colombian number, cleaned to its ten digits."""

    rules = phones.RULES

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Celular")
        options.setdefault("error_messages", {"required": phones.MISSING})
        attributes = {"type": "tel", "autocomplete": "tel", "data-grouped": "phone"}
        options.setdefault("widget", forms.TextInput(attrs=attributes))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Format ten digits for reading; leave any other value as typed."""
        return phones.formatted(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        try:
            return phones.normalise(text) if text else ""
        except phones.InvalidPhone as problem:
            raise ValidationError(str(problem), code="phone") from problem


class NameField(forms.CharField):
    """A person's name, cleaned to one space between words and no invisible characters."""

    rules = Rules(
        # For browsers alone: Python's re has no \p{…}. The server alone checks the length, because
        # it counts composed letters.
        ignored=(r"(?!\s)\p{C}", r"^\s+|\s+$|\s(?=\s)"),
        required=(Rule(r"\p{L}", NO_LETTERS), Rule(r"^[\s\S]{2}", ONE_LETTER)),
    )

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Nombre completo")
        options.setdefault("error_messages", {"required": "Escribe tu nombre completo."})
        attributes = {"autocomplete": "name", "autocapitalize": "words", "spellcheck": "false"}
        options.setdefault("widget", forms.TextInput(attrs=attributes))
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        # NFC, one code point per accented letter, so that equal names compare equal.
        text = unicodedata.normalize("NFC", str(super().to_python(value) or ""))
        visible = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
        return " ".join(visible.split())

    def validate(self, value: str) -> None:
        super().validate(value)
        if not any(sign.isalpha() for sign in value):
            raise ValidationError(NO_LETTERS, code="no_letters")
        if len(value) < NAME_LENGTHS.start:
            raise ValidationError(ONE_LETTER, code="short")
        if len(value) >= NAME_LENGTHS.stop:
            raise ValidationError(
                f"Tu nombre puede tener hasta {NAME_LENGTHS.stop - 1} letras: acórtalo.",
                code="long",
            )


class GoalField(forms.IntegerField):
    """A number of people to invite, with or without dots or spaces between thousands.

    Django's own field reads "1.000" as 1; in Colombia it is a thousand.
    """

    rules = Rules(
        ignored=(r"\s+", r"\.(?=[0-9]{3}(?:\.|$))"),
        required=(
            Rule(r"^(?!-[0-9])", "La meta no puede ser menor que 0."),
            Rule(r"^[0-9]+$", "Escribe la meta como un número entero."),
        ),
    )

    def __init__(self, **options: Any) -> None:
        negative, invalid = (rule.sentence for rule in self.rules.required)
        options.setdefault("label", "Meta de referidos")
        options.setdefault(
            "error_messages",
            {
                "required": "Escribe tu meta de referidos, o 0 si no llevas ninguna.",
                "invalid": invalid,
                "min_value": negative,
                "max_value": "La meta puede ser de hasta %(limit_value)s personas.",
            },
        )
        attributes = {"inputmode": "numeric", "autocomplete": "off"}
        options.setdefault("widget", forms.TextInput(attrs=attributes))
        super().__init__(min_value=0, max_value=HIGHEST_GOAL, **options)

    def to_python(self, value: Any) -> int | None:
        whole = self.rules.read(value) if isinstance(value, str) else value
        if isinstance(whole, str) and not re.fullmatch(r"-?[0-9]*", whole):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(whole)


class CodeField(forms.CharField):
    """A one-time code or a recovery code, with or without spaces and dashes, in any case."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("error_messages", {"required": "Escribe el código."})
        options.setdefault("max_length", TYPED_CODE_LENGTH)
        # No inputmode: recovery codes have letters, which a numeric keyboard lacks.
        attrs = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        options.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        return "".join(sign for sign in text.lower() if sign.isascii() and sign.isalnum())
