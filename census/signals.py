"""A new person who has given consent is looked up."""

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import CustomUser
from census import wakeups
from census.models import CedulaInfo


@receiver(post_save, sender=settings.AUTH_USER_MODEL, dispatch_uid="census.queue_cedula_validation")
def queue_cedula_validation(
    sender: type[CustomUser],  # noqa: ARG001  the signal's own arguments
    instance: CustomUser,
    created: bool,  # noqa: FBT001
    raw: bool = False,  # noqa: FBT001, FBT002
    **kwargs: Any,  # noqa: ARG001
) -> None:
    """Create the lookup of a new person, in their own transaction, and queue it on commit.

    Fixtures (`raw`) bring their own rows; without consent nothing is looked up.
    """
    if raw or not created or instance.consented_at is None:
        return
    CedulaInfo.objects.get_or_create(user=instance)
    transaction.on_commit(partial(wakeups.wake_for, instance.pk))
