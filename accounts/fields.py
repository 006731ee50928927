"""Form fields that clean what people type about themselves."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts import cedula as cedulas
from accounts import phone as phones

NAME_LENGTHS = range(2, 151)
TYPED_CODE_LENGTH = 30
"""Room for the blanks and dashes of a recovery code."""


class CedulaField(forms.CharField):
    """A cédula with or without dots and blanks, cleaned to its digits."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Número de cédula")
        options.setdefault("error_messages", {"required": "Escribe tu número de cédula."})
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        try:
            return cedulas.normalise(text) if text else ""
        except cedulas.InvalidCedula as problem:
            raise ValidationError(str(problem), code="cedula") from problem


class PhoneField(forms.CharField):
    """A Colombian number, cleaned to its ten digits."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Celular")
        options.setdefault("error_messages", {"required": "Escribe tu número de celular."})
        options.setdefault("widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        try:
            return phones.normalise(text) if text else ""
        except phones.InvalidPhone as problem:
            raise ValidationError(str(problem), code="phone") from problem


class NameField(forms.CharField):
    """A person's name: one blank between words, nothing invisible, at least one letter."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Nombre completo")
        options.setdefault("error_messages", {"required": "Escribe tu nombre completo."})
        options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "name"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        # One code point for each accented letter, so that equal names compare equal.
        text = unicodedata.normalize("NFC", str(super().to_python(value) or ""))
        visible = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
        return " ".join(visible.split())

    def validate(self, value: str) -> None:
        super().validate(value)
        if not any(sign.isalpha() for sign in value):
            raise ValidationError("Escribe tu nombre con letras.", code="no_letters")
        if len(value) < NAME_LENGTHS.start:
            raise ValidationError("Escribe tu nombre completo, no solo una letra.", code="short")
        if len(value) >= NAME_LENGTHS.stop:
            raise ValidationError(
                f"Tu nombre puede tener hasta {NAME_LENGTHS.stop - 1} letras: acórtalo.",
                code="long",
            )


class CodeField(forms.CharField):
    """A code of an app or a recovery code, with or without blanks and dashes, in any case."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("error_messages", {"required": "Escribe el código."})
        options.setdefault("max_length", TYPED_CODE_LENGTH)
        options.setdefault(
            "widget",
            # No inputmode: recovery codes have letters, and a keyboard of digits has none.
            forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
        )
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        return "".join(sign for sign in text.lower() if sign.isascii() and sign.isalnum())
