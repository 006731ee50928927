"""Invented people for tests."""

from collections.abc import Iterable
from itertools import count

from django.contrib.auth.hashers import MD5PasswordHasher

from accounts.models import Consent, CustomUser
from accounts.services import register_user
from census.models import CedulaInfo
from tests.typed import PASSWORD

HTMX = {"HX-Request": "true"}
"""The header of htmx's requests, for `client.get(..., headers=HTMX)`."""


class CountedHasher(MD5PasswordHasher):
    """Counts hashed passwords: with the real hashers, hashing takes most of the time."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        CountedHasher.hashed += 1
        return super().encode(password, salt)


_numbers = count(1_030_000_001)


def new_cedula() -> str:
    """An unused cédula."""
    return str(next(_numbers))


def new_person(
    nombre_completo: str = "Beatriz Molina Arias",
    *,
    referred_by: CustomUser | None = None,
    role: CustomUser.Role = CustomUser.Role.USER,
) -> CustomUser:
    """Somebody who registered, with a consent and a pending lookup."""
    person = register_user(new_cedula(), nombre_completo, "3001234567", PASSWORD, referred_by)
    if role != person.role:
        person.role = role
        person.save(update_fields=["role"])
    return person


def new_superadmin() -> CustomUser:
    """A superuser without consent and lookup."""
    return CustomUser.objects.create_superuser(
        new_cedula(), PASSWORD, nombre_completo="Nubia Ospina Rey"
    )


def take_consent_away(people: Iterable[CustomUser]) -> None:
    """Leave these people as if they had never authorised anything; their lookups stay."""
    pks = [person.pk for person in people]
    Consent.objects.filter(user__in=pks).delete()
    CustomUser.objects.filter(pk__in=pks).update(consented_at=None, consent_version="")


def set_lookup(person: CustomUser, **fields: object) -> None:
    """Set fields of `person`'s lookup, without the lifecycle."""
    CedulaInfo.objects.filter(user=person).update(**fields)
