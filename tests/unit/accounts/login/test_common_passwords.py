"""Passwords that many people have, however they decorate them."""

import pytest
from django.core.exceptions import ValidationError

from accounts.login.common_passwords import CommonPasswordValidator

VALIDATOR = CommonPasswordValidator()


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "Sunshine2026",
        "colombia2026",
        "C0l0mb1a*",
        "Colombia@2026",
        "MILLONARIOS",
        "Atlético-Nacional",
        "atleticonacional1947",
        "medellín123",
        "TeQuieroMucho",
        "amorteamo14",
        "nacionalnacional",
        "asdfghjklñ",
        "ÑLKJHGFDSA1",
        "1q2w3e4r",
        "Clave2026!",
        "2026bogota",
    ],
)
def test_a_common_one_is_refused_however_it_is_decorated(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        VALIDATOR.validate(password)
    assert refused.value.code == "password_too_common"


@pytest.mark.parametrize(
    "password",
    [
        "una-clave-larga-7",
        "otra-clave-larga-8",
        "colombia93716248",  # eight digits are more than a year and a sign
        "ventana-arepa-lluvia",
        "Rt7#kQ9v",
        "cali-tinto-sombrero",
    ],
)
def test_one_of_its_own_is_not(password: str) -> None:
    VALIDATOR.validate(password)
