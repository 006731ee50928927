"""What happens to accounts: people register, and their consent is kept as proof."""

import ipaddress
from dataclasses import dataclass
from typing import Self

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import cedula as cedulas
from accounts import policy
from accounts.models import Consent, CustomUser

USER_AGENT_LENGTH = 300


class CedulaTaken(ValueError):
    """Somebody has an account with this cédula; the message is a sentence in Spanish for them."""

    def __init__(self) -> None:
        super().__init__("Ya hay una cuenta con esta cédula. Ingresa con tu contraseña.")


@dataclass(frozen=True, slots=True)
class ConsentEvidence:
    """How a consent was given, as far as it can be shown later."""

    channel: Consent.Channel = Consent.Channel.SERVICE
    ip_address: str | None = None
    user_agent: str = ""

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """What the registration form's request shows.

        The address is that of the connection: a header that names another can be forged, so it
        proves nothing. Behind a proxy the server in front of Django must set it.
        """
        browser = request.headers.get("User-Agent", "")
        return cls(
            Consent.Channel.WEB,
            _ip_address(request.META.get("REMOTE_ADDR", "")),
            "".join(sign for sign in browser if sign.isprintable())[:USER_AGENT_LENGTH],
        )


def _ip_address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:  # a Unix socket has none
        return None


def register_user(
    cedula: str,
    nombre_completo: str,
    phone: str,
    password: str,
    referred_by: CustomUser | None = None,
    *,
    evidence: ConsentEvidence | None = None,
) -> CustomUser:
    """A saved person who has accepted the data policy in force, and the proof of that.

    Call it only once the person has accepted. Raises InvalidCedula for a cédula that is none, and
    CedulaTaken where it has an account already, even one made a moment ago.
    """
    now = timezone.now()
    evidence = evidence or ConsentEvidence()
    user = CustomUser(
        cedula=cedulas.normalise(cedula),
        nombre_completo=nombre_completo,
        phone=phone,
        referred_by=referred_by,
        consented_at=now,
    )
    user.set_password(password)  # slow on purpose, so before the transaction
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            Consent.objects.create(
                user=user,
                version=policy.VERSION,
                text_sha256=policy.text_sha256(),
                channel=evidence.channel,
                given_at=now,
                ip_address=evidence.ip_address,
                user_agent=evidence.user_agent,
            )
    except IntegrityError as problem:
        if CustomUser.objects.filter(cedula=user.cedula).exists():
            raise CedulaTaken from problem
        raise
    return user
