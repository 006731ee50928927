"""Receivers that keep lookups in step with accounts: registration, consent, referrer, deletion."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from accounts.identity.cedula import masked_in
from accounts.logs import context
from accounts.models import CustomUser
from accounts.signals import consent_given, consent_withdrawn, person_opened
from census.lookups import wakeups
from census.models import CedulaInfo, DataAccess, GoneLookup
from census.privacy.accesses import record_access
from census.states import Status


@receiver(post_save, sender=settings.AUTH_USER_MODEL, dispatch_uid="census.queue_cedula_validation")
def queue_cedula_validation(
    sender: type[CustomUser],  # noqa: ARG001  the signal's own arguments
    instance: CustomUser,
    created: bool,  # noqa: FBT001
    raw: bool = False,  # noqa: FBT001, FBT002
    **kwargs: Any,  # noqa: ARG001
) -> None:
    """Create the lookup of a new person in the same transaction, and queue it on commit.

    Fixtures (`raw`) have rows of their own; without consent nothing is looked up.
    """
    if raw or not created or not instance.has_consent:
        return
    CedulaInfo.objects.get_or_create(user=instance, defaults={"request_id": context.request_id()})
    transaction.on_commit(partial(wakeups.wake_for, instance.pk))


_REFERRED_BY = frozenset({"referred_by", "referred_by_id"})
"""Django takes either in `update_fields`."""


@receiver(post_save, sender=settings.AUTH_USER_MODEL, dispatch_uid="census.copy_referrer")
def copy_referrer(
    instance: CustomUser,
    created: bool,  # noqa: FBT001  the signal's own arguments
    raw: bool = False,  # noqa: FBT001, FBT002
    update_fields: Collection[str] | None = None,
    **_: Any,
) -> None:
    """Update the copy of the referrer when an administrator changes it."""
    is_saved = update_fields is None or not _REFERRED_BY.isdisjoint(update_fields)
    if raw or created or not is_saved:
        return
    CedulaInfo.objects.filter(user=instance).exclude(referrer_id=instance.referred_by_id).update(
        referrer_id=instance.referred_by_id
    )


@receiver(consent_given, sender=CustomUser, dispatch_uid="census.look_up_again")
def look_up_who_consents(user: CustomUser, **_: Any) -> None:
    """Queue the lookup of a person who gives consent later, or again, unless it is answered."""
    now = {"request_id": context.request_id()}
    is_new = CedulaInfo.objects.get_or_create(user=user, defaults=now)[1]
    if not is_new:  # it waited for this consent, so the present request starts it
        CedulaInfo.objects.filter(user=user, status=Status.PENDING).update(**now)
    transaction.on_commit(partial(wakeups.wake_for, user.pk))


@receiver(consent_withdrawn, sender=CustomUser, dispatch_uid="census.forget")
def forget_who_withdraws(user: CustomUser, **_: Any) -> None:
    """Delete the person's lookup. One in flight loses its claim with its row."""
    rows = CedulaInfo.objects.filter(user=user)
    # Lock the rows first: an attempt opened by a claim while the older ones are being deleted
    # would point to no row, and the database would refuse the whole withdrawal.
    list(rows.select_for_update().values_list("pk"))
    rows.delete()


@receiver(person_opened, sender=CustomUser, dispatch_uid="census.note_access")
def note_opened_account(viewer: CustomUser, person: CustomUser, **_: Any) -> None:
    """Record that an account was opened in the administration, as for any other page."""
    record_access(viewer, [person], DataAccess.Action.OPENED)


@receiver(post_delete, sender=CedulaInfo, dispatch_uid="census.note_gone_lookup")
def note_gone_lookup(instance: CedulaInfo, **_: Any) -> None:
    """Tell the open pages of the leader, whatever deleted the lookup."""
    if instance.referrer_id is not None:
        GoneLookup.objects.create(user_id=instance.user_id, referrer_id=instance.referrer_id)


@receiver(pre_save, sender="django_q.Task", dispatch_uid="census.mask_failure")
def mask_failure(instance: Any, **_: Any) -> None:
    """Mask cédulas in the traceback that the task queue stores of a failed task."""
    if not instance.success and isinstance(instance.result, str):
        instance.result = masked_in(instance.result)
