"""Authorisations: given, withdrawn, and what stays as proof when an account is deleted."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import policy
from accounts.http import client_address
from accounts.models import Consent, CustomUser, ErasedAccount, PolicyText
from accounts.signals import consent_given, consent_withdrawn

USER_AGENT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class ConsentEvidence:
    """How a consent was given, as far as it can be shown later."""

    channel: Consent.Channel = Consent.Channel.SERVICE
    ip_address: str | None = None
    user_agent: str = ""

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """What the request of a form shows."""
        browser = request.headers.get("User-Agent", "")
        return cls(
            Consent.Channel.WEB,
            _ip_address(client_address(request)),
            "".join(sign for sign in browser if sign.isprintable())[:USER_AGENT_LENGTH],
        )


def _ip_address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:  # a Unix socket has none
        return None


def record_consent(
    user: CustomUser, purpose: Consent.Purpose, now: datetime, evidence: ConsentEvidence
) -> Consent:
    """The proof that `user` accepted the policy as it stands, words included."""
    words, version = policy.text(), policy.version()
    sha256 = policy.text_sha256()
    PolicyText.objects.get_or_create(
        sha256=sha256, defaults={"version": version, "text": words, "first_accepted_at": now}
    )
    return Consent.objects.create(
        user=user,
        purpose=purpose,
        version=version,
        text_sha256=sha256,
        channel=evidence.channel,
        given_at=now,
        ip_address=evidence.ip_address,
        user_agent=evidence.user_agent,
    )


def give_consent(user: CustomUser, evidence: ConsentEvidence) -> None:
    """Record that `user` accepts the policy in force; from now on they may be looked up."""
    now = timezone.now()
    with transaction.atomic():
        record_consent(user, Consent.Purpose.DATA, now, evidence)
        user.consented_at = now
        user.consent_version = policy.version()
        user.consent_withdrawn_at = None
        user.save(update_fields=["consented_at", "consent_version", "consent_withdrawn_at"])
        consent_given.send(CustomUser, user=user)


def withdraw_consent(user: CustomUser) -> None:
    """Take `user`'s authorisation back: lookups stop, and what the census said is deleted."""
    now = timezone.now()
    with transaction.atomic():
        user.consents.filter(withdrawn_at=None).update(withdrawn_at=now)
        user.consented_at = None
        user.consent_version = ""
        user.consent_withdrawn_at = now
        user.save(update_fields=["consented_at", "consent_version", "consent_withdrawn_at"])
        consent_withdrawn.send(CustomUser, user=user)


def accepts_messages(user: CustomUser) -> bool:
    """Whether `user` has authorised messages, and not withdrawn that."""
    messages = user.consents.filter(purpose=Consent.Purpose.MESSAGES, withdrawn_at=None)
    return messages.exists()


def set_messages(user: CustomUser, evidence: ConsentEvidence, *, accepted: bool) -> None:
    """Record that `user` accepts messages, or no longer does; nothing else depends on it."""
    now = timezone.now()
    with transaction.atomic():
        if not accepted:
            user.consents.filter(purpose=Consent.Purpose.MESSAGES, withdrawn_at=None).update(
                withdrawn_at=now
            )
        elif not accepts_messages(user):
            record_consent(user, Consent.Purpose.MESSAGES, now, evidence)


# --- Deletion -----------------------------------------------------------------------------------


def erase_account(user: CustomUser) -> None:
    """Delete `user` and all that hangs on them; of their consents a proof stays, without who."""
    with transaction.atomic():
        now = timezone.now()
        user.consents.filter(withdrawn_at=None).update(withdrawn_at=now)
        ErasedAccount.objects.create(
            cedula_hash=cedula_hash(user.cedula),
            erased_at=now,
            consents=[_as_proof(consent) for consent in user.consents.all()],
        )
        user.delete()


def cedula_hash(cedula: str) -> str:
    """The keyed hash by which an erased account is found again, with the cédula in hand.

    Keyed, because ten digits are guessed in seconds otherwise. A new SECRET_KEY makes older proofs
    unfindable: keep the old one with them.
    """
    return salted_hmac("accounts.erased", cedula, algorithm="sha256").hexdigest()


def _as_proof(consent: Consent) -> dict[str, Any]:
    return {
        "purpose": consent.purpose,
        "version": consent.version,
        "text_sha256": consent.text_sha256,
        "channel": consent.channel,
        "given_at": consent.given_at.isoformat(),
        "withdrawn_at": consent.withdrawn_at and consent.withdrawn_at.isoformat(),
    }
