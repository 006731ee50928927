"""Delete an account, and keep the proof of its consents."""

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
    """Nobody could administer without this account. The message is a sentence in Spanish."""

    def __init__(self) -> None:
        super().__init__(
            "Es la única cuenta que administra todo: nombra a otra persona antes de borrarla."
        )


def is_last_superadmin(user: CustomUser) -> bool:
    """True if `user` is a superuser and there is no other active one."""
    if not user.is_superuser:
        return False
    others = CustomUser.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return not others.exists()


def erase_account(user: CustomUser) -> None:
    """Delete `user` and their related rows, and keep an anonymous proof of their consents.

    Their referidos stay, without a referrer. Do nothing if the account is already gone. Raise
    LastSuperadmin. The object `user` keeps its id, which the caller needs to log them out.
    """
    with transaction.atomic():
        if user.is_superuser:  # two who delete themselves at once must not each see the other
            list(_locked(CustomUser.objects.filter(is_superuser=True).order_by("pk")))
        doomed = _locked(CustomUser.objects.filter(pk=user.pk)).first()
        if doomed is None:
            return
        if is_last_superadmin(doomed):
            raise LastSuperadmin
        withdraw_consent(doomed)  # deletes the census's answer, as any withdrawal does
        ErasedAccount.objects.create(
            cedula_hash=cedula_hash(doomed.cedula),
            erased_at=timezone.now(),
            consents=[_as_proof(consent) for consent in doomed.consents.all()],
        )
        _end_sessions(doomed)
        _anonymise_log(doomed)
        doomed.delete()


def proofs_of(cedula: str) -> QuerySet[ErasedAccount]:
    """The proofs of this cédula's deleted accounts, the latest first."""
    return ErasedAccount.objects.filter(cedula_hash=cedula_hash(cedula))


def cedula_hash(cedula: str) -> str:
    """The keyed hash under which an erased account's proof is stored.

    Without the key, ten digits would be guessed in seconds. Proofs from before a change of
    SECRET_KEY are found with the old key only: keep it with them.
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
    """Delete all sessions of `person`, which log them out everywhere."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in person.open_sessions.values_list("session_key", flat=True):
        store(key).delete()


def _anonymise_log(person: CustomUser) -> None:
    """Replace the person's name by their id in the administration's log."""
    entries = LogEntry.objects.filter(
        content_type__app_label="accounts",
        content_type__model="customuser",
        object_id=str(person.pk),
    )
    entries.update(object_repr=f"Persona {person.pk}")
