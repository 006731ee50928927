"""Accounts: people register with a proof of their consent, and are found by a referral code."""

from django.db import IntegrityError

from accounts.consents import ClientDetails, save_with_consent
from accounts.identity import cedula as cedulas
from accounts.models import (
    REFERRAL_CODE_ALPHABET,
    REFERRAL_CODE_LENGTH,
    CustomUser,
)


class CedulaTaken(ValueError):
    """Somebody has an account with this cédula; the message is a sentence in Spanish for them.

    It does not say so: whoever types other people's cédulas would learn who has registered.
    """

    def __init__(self) -> None:
        super().__init__(
            "No pudimos crear la cuenta con estos datos. Si ya te registraste, ingresa con tu"
            " contraseña; si no, avísale a quien te invitó."
        )


def register_user(
    cedula: str,
    nombre_completo: str,
    phone: str,
    password: str,
    referred_by: CustomUser | None = None,
    *,
    evidence: ClientDetails | None = None,
) -> CustomUser:
    """A saved person who has accepted the data policy in force, and the proof of that.

    Call it only once the person has accepted. Raises InvalidCedula for a cédula that is none, and
    CedulaTaken where it has an account already, even one made a moment ago.
    """
    user = CustomUser(
        cedula=cedulas.normalise(cedula),
        nombre_completo=nombre_completo,
        phone=phone,
        referred_by=referred_by,
    )
    user.set_password(password)  # slow on purpose, so before the transaction
    try:
        save_with_consent(user, evidence)
    except IntegrityError as problem:
        if CustomUser.objects.filter(cedula=user.cedula).exists():
            raise CedulaTaken from problem
        raise
    return user


def referrer_by_code(code: str) -> CustomUser | None:
    """Whose referral code this is, in capitals or not; None for nobody's, or a closed account's."""
    code = code.strip().upper()
    if len(code) != REFERRAL_CODE_LENGTH or not set(code) <= set(REFERRAL_CODE_ALPHABET):
        return None
    return CustomUser.objects.filter(referral_code=code, is_active=True).first()
