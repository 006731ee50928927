"""Jobs for ours: people who register, and whose lookup the product queues."""

import time

from django.db import transaction

from accounts.consents import save_with_consent
from accounts.models import CustomUser
from census.models import CedulaInfo
from census.states import IN_FLIGHT


def queue(job: int) -> float:
    person = CustomUser(
        cedula=str(job),
        nombre_completo="Ana Rojas",
        phone="3001234567",
    )
    person.set_unusable_password()  # a real one takes 50 ms, on purpose
    committed: list[float] = []
    with transaction.atomic():
        # The moment of the row's commit; the wake-up is queued after it.
        transaction.on_commit(lambda: committed.append(time.time()))
        save_with_consent(person)
    return committed[0]


def left() -> int:
    return CedulaInfo.objects.filter(status__in=IN_FLIGHT).count()
