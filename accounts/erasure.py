"""Deleting an account, and the proof that stays of it."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.consents import withdraw_consent
from accounts.models import Consent, CustomUser, ErasedAccount


class LastSuperadmin(ValueError):
    """Without this account nobody could administer; the message is a sentence in Spanish."""

    def __init__(self) -> None:
        super().__init__(
            "Es la única cuenta que administra todo: nombra a otra persona antes de borrarla."
        )


def is_last_superadmin(user: CustomUser) -> bool:
    """Whether nobody else can log in and do everything."""
    if not user.is_superuser:
        return False
    others = CustomUser.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return not others.exists()


def erase_account(user: CustomUser) -> None:
    """Delete `user` and all that hangs on them; of their consents a proof stays, without who.

    Their referidos stay, and are nobody's. Nothing happens where the account is gone already.
    Raises LastSuperadmin. `user` itself keeps its id, for whoever logs them out after that.
    """
    with transaction.atomic():
        if user.is_superuser:  # two of them, at once, must not both see the other
            list(_locked(CustomUser.objects.filter(is_superuser=True).order_by("pk")))
        doomed = _locked(CustomUser.objects.filter(pk=user.pk)).first()
        if doomed is None:
            return
        if is_last_superadmin(doomed):
            raise LastSuperadmin
        withdraw_consent(doomed)  # what the census said goes the way it goes for everybody
        ErasedAccount.objects.create(
            cedula_hash=cedula_hash(doomed.cedula),
            erased_at=timezone.now(),
            consents=[_as_proof(consent) for consent in doomed.consents.all()],
        )
        _end_sessions(doomed)
        _take_the_name_out_of_the_log(doomed)
        doomed.delete()


def proofs_of(cedula: str) -> QuerySet[ErasedAccount]:
    """What stayed of the accounts of this cédula that were deleted, the last one first."""
    return ErasedAccount.objects.filter(cedula_hash=cedula_hash(cedula))


def cedula_hash(cedula: str) -> str:
    """The keyed hash by which an erased account is found again, with the cédula in hand.

    Keyed, because ten digits are guessed in seconds otherwise. A new SECRET_KEY makes older proofs
    unfindable: keep the old one with them.
    """
    return salted_hmac("accounts.erased", cedula, algorithm="sha256").hexdigest()


def _locked(people: QuerySet[CustomUser]) -> QuerySet[CustomUser]:
    return people.select_for_update()


def _as_proof(consent: Consent) -> dict[str, Any]:
    return {
        "purpose": consent.purpose,
        "version": consent.version,
        "text_sha256": consent.text_sha256,
        "channel": consent.channel,
        "given_at": consent.given_at.isoformat(),
        "withdrawn_at": consent.withdrawn_at and consent.withdrawn_at.isoformat(),
    }


def _end_sessions(person: CustomUser) -> None:
    """Whoever is logged in as `person`, in any browser, no longer is; and no session names them."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in person.open_sessions.values_list("session_key", flat=True):
        store(key).delete()


def _take_the_name_out_of_the_log(person: CustomUser) -> None:
    """The administration's log says what was done to whom: of an account that is gone, its id."""
    entries = LogEntry.objects.filter(
        content_type__app_label="accounts",
        content_type__model="customuser",
        object_id=str(person.pk),
    )
    entries.update(object_repr=f"Persona {person.pk}")
