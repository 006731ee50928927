"""Register people, with the proof of their consent, and find them by their referral code."""

from django.db import IntegrityError

from accounts.consents import ClientDetails, save_with_consent
from accounts.identity import cedula as cedulas
from accounts.models import REFERRAL_CODE_ALPHABET, REFERRAL_CODE_LENGTH, CustomUser


class CedulaTaken(ValueError):
    """The cédula has an account already. The message is a sentence in Spanish for the page.

    It does not say so, or anybody could find out which cédulas have registered.
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
    **more: str,
) -> CustomUser:
    """Create a person who has accepted the policy in force, with the proof of their consent.

    `more` are further fields of `CustomUser.OWN_FIELDS`.
    Call it only after the person has accepted. Raise InvalidCedula if `cedula` is not one, and
    CedulaTaken if it has an account, even one that another request has just created.
    """
    user = CustomUser(
        cedula=cedulas.normalise(cedula),
        nombre_completo=nombre_completo,
        phone=phone,
        referred_by=referred_by,
        **more,
    )
    user.set_password(password)  # slow on purpose, so outside the transaction
    try:
        save_with_consent(user, evidence)
    except IntegrityError as problem:
        if CustomUser.objects.filter(cedula=user.cedula).exists():
            raise CedulaTaken from problem
        raise
    return user


def referrer_by_code(code: str) -> CustomUser | None:
    """Return the active person with this referral code (in any case), or None."""
    code = code.strip().upper()
    if len(code) != REFERRAL_CODE_LENGTH or not set(code) <= set(REFERRAL_CODE_ALPHABET):
        return None
    return CustomUser.objects.filter(referral_code=code, is_active=True).first()
