"""Consents: giving and withdrawing them, and their copy on the person."""

import ipaddress
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import policy
from accounts.http import client_address
from accounts.models import Consent, CustomUser, PolicyText
from accounts.signals import consent_given, consent_withdrawn

USER_AGENT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class ClientDetails:
    """The channel, IP address and browser of a request, as a consent keeps them."""

    channel: Consent.Channel = Consent.Channel.SERVICE
    ip_address: str | None = None
    user_agent: str = ""

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """The details of a request that sent a form."""
        browser = request.headers.get("User-Agent", "")
        return cls(
            Consent.Channel.WEB,
            _ip_address(client_address(request)),
            "".join(sign for sign in browser if sign.isprintable())[:USER_AGENT_LENGTH],
        )


def _ip_address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))  # PostgreSQL stores no IPv6 zone
    except ValueError:  # a request over a Unix socket
        return None


def save_with_consent(person: CustomUser, evidence: ClientDetails | None = None) -> None:
    """Insert a new person who accepted the policy in force at `date_joined`, and the proof."""
    with transaction.atomic():
        _copy_consent(person, person.date_joined)
        person.save(force_insert=True)
        record_consents(
            [(person, person.date_joined)], Consent.Purpose.DATA, evidence or ClientDetails()
        )


def bulk_create_with_consent(people: Iterable[CustomUser]) -> list[CustomUser]:
    """Do the same for many people, with one statement per table.

    Like any bulk_create it sends no post_save signal, so no lookup is created.
    """
    new = list(people)
    with transaction.atomic():
        for person in new:
            _copy_consent(person, person.date_joined)
        CustomUser.objects.bulk_create(new)
        given = [(person, person.date_joined) for person in new]
        record_consents(given, Consent.Purpose.DATA, ClientDetails())
    return new


def _copy_consent(
    user: CustomUser, given_at: datetime | None, withdrawn_at: datetime | None = None
) -> None:
    """Set the fields of `user` that copy their consent; nothing else writes them."""
    user.consented_at = given_at
    user.consent_version = policy.version() if given_at else ""
    user.consent_withdrawn_at = withdrawn_at


_COPY = ("consented_at", "consent_version", "consent_withdrawn_at")


def record_consents(
    given: Iterable[tuple[CustomUser, datetime]], purpose: Consent.Purpose, evidence: ClientDetails
) -> None:
    """Store that these people accepted the present policy at these times, with its text."""
    accepted = {"version": policy.version(), "text_sha256": policy.text_sha256()}
    proofs = [
        Consent(user=user, purpose=purpose, given_at=at, **accepted, **asdict(evidence))
        for user, at in given
    ]
    first = min((proof.given_at for proof in proofs), default=timezone.now())
    PolicyText.objects.get_or_create(
        sha256=accepted["text_sha256"],
        defaults={
            "version": accepted["version"],
            "text": policy.text(),
            "first_accepted_at": first,
        },
    )
    Consent.objects.bulk_create(proofs)


# --- Use of the data ----------------------------------------------------------------------------


def must_decide(user: CustomUser) -> bool:
    """True if `user` must accept or decline the policy in force before they see anything else.

    People who declined or withdrew are not asked again; they can still accept. Nor are staff, who
    run the product and are not looked up.
    """
    if user.has_consent or user.consent_withdrawn_at is not None:
        return False
    return not (user.is_staff or user.is_superuser)


def give_consent(user: CustomUser, evidence: ClientDetails) -> None:
    """Record that `user` accepts the policy in force, so that they may be looked up."""
    now = timezone.now()
    with transaction.atomic():
        _lock(user)
        if user.has_consent:  # the form was sent twice
            return
        record_consents([(user, now)], Consent.Purpose.DATA, evidence)
        _copy_consent(user, now)
        user.save(update_fields=_COPY)
        consent_given.send(CustomUser, user=user)


def withdraw_consent(user: CustomUser) -> None:
    """Withdraw `user`'s consent: lookups stop and the census's answer is deleted."""
    now = timezone.now()
    with transaction.atomic():
        _lock(user)
        user.consents.filter(withdrawn_at=None).update(withdrawn_at=now)
        _copy_consent(user, None, withdrawn_at=user.consent_withdrawn_at or now)
        user.save(update_fields=_COPY)
        consent_withdrawn.send(CustomUser, user=user)


def _lock(user: CustomUser) -> None:
    """Lock and reload `user`'s row, because two of their browsers may act at once."""
    user.refresh_from_db(from_queryset=CustomUser.objects.select_for_update())


# --- Messages -----------------------------------------------------------------------------------


def accepts_messages(user: CustomUser) -> bool:
    """True if `user` has authorised messages and not withdrawn it."""
    messages = user.consents.filter(purpose=Consent.Purpose.MESSAGES, withdrawn_at=None)
    return messages.exists()


def set_messages(user: CustomUser, evidence: ClientDetails, *, accepted: bool) -> None:
    """Record that `user` accepts messages or no longer does.

    Accepting has no effect without a consent to the use of their data.
    """
    now = timezone.now()
    with transaction.atomic():
        _lock(user)
        if not accepted:
            user.consents.filter(purpose=Consent.Purpose.MESSAGES, withdrawn_at=None).update(
                withdrawn_at=now
            )
        elif user.has_consent and not accepts_messages(user):
            record_consents([(user, now)], Consent.Purpose.MESSAGES, evidence)
