"""Referidos with a voting place, for tests of the leader's pages about many."""

from collections.abc import Iterable, Mapping

from django.utils import timezone

from accounts.consents import bulk_create_with_consent
from accounts.models import CustomUser
from census.lookups.answers import lookup_after
from census.models import CedulaInfo
from scraper.results import Found
from tests.people import new_cedula

PLACE = {
    "departamento": "ANTIOQUIA",
    "municipio": "MEDELLÍN",
    "puesto": "IE LA ESPERANZA",
    "direccion": "CALLE 45 # 23-12",
    "mesa": "7",
}


def new_voter(
    leader: CustomUser, nombre_completo: str = "Beatriz Molina Arias", **answer: str
) -> CustomUser:
    """A referido who votes at PLACE, with the fields of `answer` changed."""
    (voter,) = new_voters(leader, [answer], nombre_completo)
    return voter


def new_voters(
    leader: CustomUser,
    answers: Iterable[Mapping[str, str]],
    nombre_completo: str = "Beatriz Molina Arias",
) -> list[CustomUser]:
    """A referido for each answer, made in two statements."""
    now = timezone.now()
    answers = list(answers)
    people = bulk_create_with_consent(
        CustomUser(
            cedula=new_cedula(),
            nombre_completo=nombre_completo,
            phone="3001234567",
            referred_by=leader,
        )
        for _ in answers
    )
    CedulaInfo.objects.bulk_create(
        lookup_after(person, Found(**{**PLACE, **answer}), now)  # type: ignore[arg-type]  # names
        for person, answer in zip(people, answers, strict=True)
    )
    return people
