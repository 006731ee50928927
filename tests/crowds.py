"""Many referidos in two statements, for tests of what a leader's pages read."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from django.utils import timezone

from accounts import policy
from accounts.models import CustomUser
from census.models import CedulaInfo
from census.places import place_keys
from census.states import Status
from tests.people import new_cedula

Lookup = Mapping[str, Any] | None
JOINED = datetime(2026, 11, 2, 15, tzinfo=UTC)
"""When they all registered, so that nothing but the id tells their dates apart."""


def new_referidos(
    leader: CustomUser,
    lookups: Iterable[Lookup],
    names: Iterable[str] = ("Beatriz Molina Arias",),
) -> list[CustomUser]:
    """A referido of `leader` for each of these lookups, in their order, by these names in turn.

    A lookup is found where it does not say otherwise; None: that person has none, and no consent.
    """
    wanted = list(lookups)
    people = CustomUser.objects.bulk_create(
        CustomUser(
            cedula=new_cedula(),
            nombre_completo=name,
            referred_by=leader,
            consented_at=None if lookup is None else timezone.now(),
            consent_version="" if lookup is None else policy.version(),
            date_joined=JOINED,
        )
        for lookup, name in zip(wanted, cycle(names), strict=False)
    )
    CedulaInfo.objects.bulk_create(
        CedulaInfo(
            user=person,
            referrer=leader,
            **{"status": Status.ACTIVE, **place_keys(dict(lookup)), **lookup},
        )
        for person, lookup in zip(people, wanted, strict=True)
        if lookup is not None
    )
    return people
