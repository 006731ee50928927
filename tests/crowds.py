"""Many referidos in two statements, for tests of the queries of a leader's pages."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from accounts.consents import bulk_create_with_consent
from accounts.models import CustomUser
from census.models import CedulaInfo
from census.states import Status
from tests.people import new_cedula, take_consent_away

Lookup = Mapping[str, Any] | None
JOINED = datetime(2026, 11, 2, 15, tzinfo=UTC)
"""The registration of all, so that only the id orders rows of the same date."""


def new_referidos(
    leader: CustomUser,
    lookups: Iterable[Lookup],
    names: Iterable[str] = ("Beatriz Molina Arias",),
) -> list[CustomUser]:
    """Make a referido of `leader` for each lookup, in order, with these names in turn.

    A lookup is found unless it has a status; None: that person has no lookup and no consent.
    """
    wanted = list(lookups)
    people = bulk_create_with_consent(
        CustomUser(
            cedula=new_cedula(),
            nombre_completo=name,
            referred_by=leader,
            date_joined=JOINED,
        )
        for _, name in zip(wanted, cycle(names), strict=False)
    )
    take_consent_away(
        person for person, lookup in zip(people, wanted, strict=True) if lookup is None
    )
    CedulaInfo.objects.bulk_create(
        CedulaInfo(user=person, **{"status": Status.ACTIVE, **lookup})
        for person, lookup in zip(people, wanted, strict=True)
        if lookup is not None
    )
    return people
