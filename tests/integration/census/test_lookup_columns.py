"""The columns of a lookup that follow from others are right, whichever way its row is written."""

from collections.abc import Callable

import pytest

from accounts.models import CustomUser
from census.lookups.answers import lookup_after
from census.models import CedulaInfo
from census.states import Status
from scraper.errors import ScraperError, SiteBlocked, SiteTimeout, UnknownPage
from scraper.results import Cancelled, CancelReason, Found, Lookup, NotFound
from tests.people import new_cedula

pytestmark = pytest.mark.django_db

PLACE = {"departamento": "NARIÑO", "municipio": "Pasto", "puesto": "IE  El Niño", "mesa": "07"}
KEYS = {
    "departamento_key": "narino",
    "municipio_key": "pasto",
    "puesto_key": "ieelnino",
    "mesa_key": "0007",
}


def create(person: CustomUser) -> None:
    CedulaInfo.objects.create(user=person, **PLACE)


def bulk_create(person: CustomUser) -> None:
    CedulaInfo.objects.bulk_create([CedulaInfo(user=person, **PLACE)])


def update(person: CustomUser) -> None:
    CedulaInfo.objects.get_or_create(user=person)
    CedulaInfo.objects.filter(user=person).update(**PLACE)


def save_some_fields(person: CustomUser) -> None:
    info = CedulaInfo.objects.create(user=person)
    for name, value in PLACE.items():
        setattr(info, name, value)
    info.save(update_fields=[*PLACE])


@pytest.mark.parametrize("write", [create, bulk_create, update, save_some_fields])
def test_the_keys_of_a_place_and_the_referrer_need_not_be_given(
    leader: CustomUser, write: Callable[[CustomUser], None]
) -> None:
    person = CustomUser.objects.create_user(
        new_cedula(), nombre_completo="Ana Rojas", referred_by=leader
    )

    write(person)

    stored = CedulaInfo.objects.values(*KEYS, "referrer_id").get(user=person)
    assert stored == KEYS | {"referrer_id": leader.pk}


@pytest.mark.parametrize(
    ("outcome", "attempts", "status"),
    [
        (Found("CAUCA", "POPAYÁN", "COLEGIO EL LAGO", "CALLE 5 # 4-3", "12"), 1, Status.ACTIVE),
        (Cancelled(CancelReason.DECEASED, "Muerte"), 2, Status.CANCELLED_DECEASED),
        (NotFound(), 1, Status.NOT_FOUND),
        (SiteTimeout("late"), 1, Status.PENDING),
        (SiteTimeout("late"), 4, Status.TIMEOUT),
        (SiteBlocked("403"), 4, Status.BLOCKED),
        (UnknownPage("new"), 1, Status.ERROR),
    ],
)
def test_a_lookup_that_is_made_with_its_outcome_is_as_a_worker_leaves_it(
    person: CustomUser, outcome: Lookup | ScraperError, attempts: int, status: Status
) -> None:
    CedulaInfo.objects.filter(user=person).delete()

    lookup_after(person, outcome, person.date_joined, attempts).save()

    stored = CedulaInfo.objects.get(user=person)
    assert (stored.status, stored.attempts, stored.retry_count) == (status, attempts, attempts - 1)
    assert (stored.fetched_at is None) == isinstance(outcome, ScraperError)
    assert stored.puesto_key == ("colegioellago" if status == Status.ACTIVE else "")
